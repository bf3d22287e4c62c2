import { isDurable, numberOf, parseDeviceId, peerOf, toHex, type DeviceId, type Resume } from '@palmkey/envelope';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { RelayStartError } from '../errors.ts';
import { Coalescing } from '../nats/coalescing.ts';
import { ElectionBridge } from '../nats/election-bridge.ts';
import { encodeExpired, parseExpired } from '../nats/expired-word.ts';
import { ExpiryWatch, type Watched } from '../nats/expiry-watch.ts';
import { NatsMailLine } from '../nats/mail-line.ts';
import { MailPurger } from '../nats/mail-purger.ts';
import { MailStream, subjectOf } from '../nats/mail-stream.ts';
import { MailboxLedger } from '../nats/mailbox-ledger.ts';
import type { NatsLink } from '../nats/nats-link.ts';
import { parsePostAnswer, type PostAnswer } from '../nats/post-answer.ts';
import { unwrapMail, wrapMail, type StoredMail } from '../nats/stored-mail.ts';
import { UnsettledPosts, type Unsettled } from '../nats/unsettled-posts.ts';
import type { Mail, MailLine, MailReader, PostEvents, PostOffice, Settled } from './post-office.ts';

/** The bounds of spec/relay.md, "Mail". */
export interface PostLimits {
  readonly mailLimitMs: number;
  readonly mailboxMessages: number;
  readonly mailboxBytes: number;
  readonly windowMessages: number;
  readonly windowBytes: number;
  /** Bytes of all mailboxes. */
  readonly totalBytes: number;
}

interface NatsPostOfficePorts {
  readonly link: NatsLink;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: PostEvents;
  readonly limits: PostLimits;
}

/** How long JetStream may take to be there at the start, and between two questions whether it is. */
const READY_WITHIN_MS = 10_000;
const ASK_READY_EVERY_MS = 250;

/**
 * The post office of several nodes: mailboxes in JetStream, which outlive every node. A message is `taken` once the
 * stream has acknowledged it, durable or not. Whatever this object remembers is a help that may be lost.
 */
export class NatsPostOffice implements PostOffice {
  readonly #ports: NatsPostOfficePorts;
  readonly #stream: MailStream;
  readonly #posts: UnsettledPosts;
  readonly #bridge: ElectionBridge;
  readonly #ledger: MailboxLedger;
  readonly #coalescing = new Coalescing();
  readonly #purger: MailPurger;
  readonly #watch: ExpiryWatch;
  readonly #lines = new Set<NatsMailLine>();
  readonly #asking = new Set<string>();
  readonly #subscriptions: (() => void)[] = [];
  readonly #inbox: string;
  #lastSequence: number;
  #ready = true;
  #saidUnready = false;
  #closed = false;
  #cancelAsk: () => void = () => undefined;

  private constructor(ports: NatsPostOfficePorts, stream: MailStream, lastSequence: number, name: string) {
    const { link, clock, limits } = ports;
    this.#ports = ports;
    this.#stream = stream;
    this.#lastSequence = lastSequence;
    this.#posts = new UnsettledPosts(clock);
    this.#bridge = new ElectionBridge(clock, (token) => this.#publishAgain(token));
    this.#ledger = new MailboxLedger(limits.mailboxBytes);
    this.#purger = new MailPurger(clock, (device, upTo) => stream.purge(device, upTo));
    this.#watch = new ExpiryWatch(clock, (mail) => void this.#onDue(mail).catch(() => undefined));
    this.#inbox = `${link.address.prefix}.taken.${name}`;
    this.#subscriptions.push(
      link.subscribe(`${this.#inbox}.*`, ({ subject, data }) => this.#onAnswer(subject, data)),
      link.subscribe(`${link.address.prefix}.expired`, ({ data }) => this.#onExpiredWord(data)),
      // NATS's documentation, "JetStream advisories".
      link.subscribe(`$JS.EVENT.ADVISORY.STREAM.LEADER_ELECTED.${stream.name}`, () => this.#onLeader()),
    );
    link.onChange({ up: () => this.#askReady(), down: () => this.#onDown() });
  }

  /** `nodeId`: 8 random bytes. Throws {@link RelayStartError} `bus-keeps-no-mail` where JetStream does not keep mail for this relay. */
  static async open(ports: NatsPostOfficePorts, nodeId: Uint8Array): Promise<NatsPostOffice> {
    const giveUpAt = performance.now() + READY_WITHIN_MS;
    for (;;) {
      try {
        const { stream, lastSequence } = await MailStream.open(ports.link, ports.limits);
        return new NatsPostOffice(ports, stream, lastSequence, toHex(nodeId));
      } catch (error) {
        if (performance.now() > giveUpAt)
          throw new RelayStartError('bus-keeps-no-mail', 'JetStream keeps no mail for this relay', error);
        await new Promise<void>((resolve) => ports.clock.after(ASK_READY_EVERY_MS, resolve));
      }
    }
  }

  get epoch(): number {
    return this.#stream.epoch;
  }

  waitsFor(): 'bus' | null {
    return this.#ready ? null : 'bus';
  }

  post(mail: Mail, settled: (outcome: Settled) => void): void {
    const to = subjectOf(mail.to);
    if (!this.#ready || this.#closed) return settled('unavailable');
    if (this.#ledger.isHalfFull(to)) this.#askWhatIsLeft(to);
    if (this.#posts.isFull || this.#ledger.isFull(to, mail.frame.length)) return settled('mailbox-full');
    const token = this.#posts.add(mail, settled);
    if (this.#bridge.isNeeded) this.#bridge.hold(token);
    else this.#publish(token, mail);
  }

  open(device: DeviceId, resume: Resume, reader: MailReader): MailLine {
    const name = subjectOf(device);
    const inEpoch = resume.epoch === this.epoch;
    const { clock, limits } = this.#ports;
    const line = new NatsMailLine(device, inEpoch ? resume.cursor : 0, reader, {
      clock,
      windowMessages: limits.windowMessages,
      windowBytes: limits.windowBytes,
      next: (from) => this.#stream.next(name, from),
      acked: (upTo, messages) => this.#purger.add(name, upTo, messages),
      expired: (mail) => void this.#tellIfTaken(mail, device).catch(() => undefined),
      closed: () => {
        unsubscribe();
        this.#lines.delete(line);
        this.#purger.flush(name);
      },
    });
    const unsubscribe = this.#ports.link.subscribe(this.#stream.stored(name), ({ headers, data }) => {
      const sequence = Number(headers?.get('Nats-Sequence') ?? 0);
      const previous = Number(headers?.get('Nats-Last-Sequence') ?? 0);
      this.#lastSequence = Math.max(this.#lastSequence, sequence);
      line.onStored(unwrapMail(sequence, data), previous);
    });
    this.#lines.add(line);
    if (inEpoch && resume.cursor > this.#lastSequence) void this.#checkCursor(line, name, resume.cursor);
    else {
      if (inEpoch && resume.cursor > 0) this.#purger.add(name, resume.cursor, 0);
      line.look();
    }
    return line;
  }

  async forget(device: DeviceId): Promise<void> {
    const name = subjectOf(device);
    this.#purger.forget(name);
    this.#ledger.release(name, Infinity);
    await this.#stream.purge(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    for (const line of [...this.#lines]) line.close();
    if (this.#bridge.isNeeded) this.#onDown();
    if (this.#ready) {
      await this.#posts.empty();
      await this.#purger.flushAll();
    }
    this.#cancelAsk();
    this.#watch.close();
    for (const unsubscribe of this.#subscriptions.splice(0)) unsubscribe();
  }

  #onAnswer(subject: string, data: Uint8Array): void {
    const token = Number(subject.slice(subject.lastIndexOf('.') + 1));
    const answer = parsePostAnswer(data);
    if (answer.kind === 'nobody' && !this.#closed) {
      if (this.#posts.get(token)) this.#bridge.hold(token);
      return;
    }
    const post = this.#posts.take(token);
    if (post) this.#settle(post, answer);
    if (this.#bridge.isNeeded) this.#bridge.answered(token);
  }

  #publish(token: number, { to, from, frame, expiresAt }: Mail): void {
    const device = subjectOf(to);
    this.#ports.link.publish(this.#stream.mailbox(device), wrapMail(expiresAt, frame), {
      reply: `${this.#inbox}.${token}`,
      ...(isDurable(frame) && { id: `${device}${subjectOf(from)}${numberOf(frame)}` }),
    });
  }

  #publishAgain(token: number): boolean {
    const post = this.#posts.get(token);
    if (!post) return false;
    post.repeated = true;
    this.#publish(token, post.mail);
    return true;
  }

  /**
   * Another server leads the stream: what the last one was given may be lost, and what it stored may not have been said.
   * A durable message is known again by its id; of others nobody can say, and their senders are told in time.
   */
  #onLeader(): void {
    if (this.#closed || !this.#ready) return;
    for (const token of this.#posts.tokens()) {
      const post = this.#posts.get(token);
      if (post && isDurable(post.mail.frame) && !this.#bridge.holds(token)) this.#publishAgain(token);
    }
    this.#bridge.probe();
    for (const line of [...this.#lines]) line.look();
  }

  #settle({ mail, settled, repeated }: Unsettled, answer: PostAnswer): void {
    switch (answer.kind) {
      case 'failed':
      case 'nobody':
        return settled('unavailable');
      case 'full':
        return settled('mailbox-full');
      case 'taken':
        if (!answer.duplicate || repeated) this.#onTaken(mail, answer.sequence);
        return settled('taken');
    }
  }

  #onTaken(mail: Mail, sequence: number): void {
    const { from, to, frame, expiresAt } = mail;
    this.#lastSequence = Math.max(this.#lastSequence, sequence);
    this.#ledger.add(subjectOf(to), sequence, frame.length);
    this.#watch.add(expiresAt, { sequence, from, to, number: numberOf(frame) });
    const replaced = this.#coalescing.stored(mail, sequence);
    if (replaced !== undefined) this.#stream.take(replaced).catch(() => undefined);
  }

  /**
   * A cursor beyond the stream's end is from before its server lost the end of its file in a power cut: it says nothing
   * of what came under these numbers since.
   */
  async #checkCursor(line: NatsMailLine, device: string, cursor: number): Promise<void> {
    try {
      this.#lastSequence = Math.max(this.#lastSequence, await this.#stream.ensure());
      if (cursor > this.#lastSequence) line.rewind();
      else this.#purger.add(device, cursor, 0);
    } catch {
      // NATS went away: the line looks when it is back, from the cursor, and lets go of nothing.
    }
    line.look();
  }

  /** Asks for the first message of a mailbox that is still there, once at a time. */
  #askWhatIsLeft(device: string): void {
    if (this.#asking.has(device)) return;
    this.#asking.add(device);
    this.#stream
      .next(device, 1)
      .then((first) => this.#ledger.release(device, first?.sequence ?? this.#lastSequence))
      .catch(() => undefined)
      .finally(() => this.#asking.delete(device));
  }

  /** Of mail whose time is over, what is still in the stream was not read: of each mailbox what follows its first is. */
  async #onDue(due: readonly Watched[]): Promise<void> {
    const byRecipient = new Map<string, Watched[]>();
    for (const each of due) {
      const device = subjectOf(each.to);
      const mail = byRecipient.get(device);
      if (mail) mail.push(each);
      else byRecipient.set(device, [each]);
    }
    for (const [device, mail] of byRecipient) {
      const first = await this.#stream.next(device, mail[0]?.sequence ?? 1);
      if (first === null) continue;
      for (const each of mail.filter(({ sequence }) => sequence >= first.sequence)) {
        if (await this.#stream.take(each.sequence)) this.#tell(each.from, each.to, each.number);
      }
    }
  }

  async #tellIfTaken({ sequence, frame }: StoredMail, to: DeviceId): Promise<void> {
    if ((await this.#stream.take(sequence)) && frame)
      this.#tell(parseDeviceId(new Uint8Array(peerOf(frame))), to, numberOf(frame));
  }

  #tell(from: DeviceId, to: DeviceId, number: number): void {
    this.#ports.link.publish(`${this.#ports.link.address.prefix}.expired`, encodeExpired({ from, to, number }));
    this.#ports.events.onExpired(from, to, number);
  }

  #onExpiredWord(data: Uint8Array): void {
    const word = parseExpired(data);
    if (word) this.#ports.events.onExpired(word.from, word.to, word.number);
  }

  /** The stream is another one: a line would pass over what has a number below its own. */
  #onNewEpoch(): void {
    this.#ports.logger.error('the mail that the bus kept is lost');
    for (const line of [...this.#lines]) line.close();
    this.#ports.events.onNewEpoch();
  }

  #onDown(): void {
    this.#ready = false;
    this.#cancelAsk();
    this.#bridge.clear();
    this.#posts.refuseAll();
  }

  /** JetStream is there some time after NATS is; then every line looks for what it did not hear. */
  #askReady(): void {
    this.#cancelAsk();
    if (this.#closed || !this.#ports.link.connected) return;
    const { epoch } = this;
    this.#stream.ensure().then(
      (lastSequence) => {
        this.#lastSequence = lastSequence;
        this.#ready = true;
        this.#saidUnready = false;
        if (this.epoch !== epoch) this.#onNewEpoch();
        for (const line of [...this.#lines]) line.look();
      },
      (error: unknown) => {
        // It is asked four times a second: the log hears of it once until it is there.
        if (!this.#saidUnready) this.#ports.logger.warn({ err: error }, 'JetStream is not there yet');
        this.#saidUnready = true;
        this.#cancelAsk = this.#ports.clock.after(ASK_READY_EVERY_MS, () => this.#askReady());
      },
    );
  }
}
