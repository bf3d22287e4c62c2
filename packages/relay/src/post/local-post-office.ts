import { isDurable, numberOf, type DeviceId, type Resume } from '@palmkey/envelope';
import type { Clock } from '../clock.ts';
import { deviceKey } from '../device-key.ts';
import type { Journal } from './journal.ts';
import { Mailbox, type Letter, type MailboxLimits } from './mailbox.ts';
import type { Mail, MailLine, MailReader, PostEvents, PostOffice, Settled } from './post-office.ts';

interface LocalPostOptions {
  readonly clock: Clock;
  /** Another at each start: what was in memory is gone then. */
  readonly epoch: number;
  readonly journal: Journal;
  readonly mailbox: MailboxLimits;
  readonly totalBytes: number;
  readonly events: PostEvents;
}

/** How often expired mail is looked for. */
const SWEEP_MS = 1_000;
/** How much that came in with mail may be kept alive by it, twice, before each message gets bytes of its own. */
const MAX_PINNED_BYTES = 64 * 1024 * 1024;
/** What a message in a mailbox costs beside its bytes, about. */
const LETTER_BYTES = 512;

/** What is held for one device: its mail, and who reads it. */
interface Box {
  readonly device: DeviceId;
  readonly mail: Mailbox;
  line: Line | null;
}

/** The mail of one node's devices: in memory, and what is durable also in a {@link Journal}. */
export class LocalPostOffice implements PostOffice {
  readonly epoch: number;
  readonly #options: LocalPostOptions;
  readonly #boxes = new Map<string, Box>();
  /** One count for all: a mailbox that was empty goes on with numbers that its device has not seen. */
  #delivery = 0;
  #bytes = 0;
  #pinnedBytes = 0;
  /** The last delivery at the time when mail was last given bytes of its own. */
  #pinnedUpTo = 0;
  #lastChunk: ArrayBufferLike | null = null;
  #cancelSweep: () => void;
  #closed: Promise<void> | undefined;

  private constructor(options: LocalPostOptions) {
    this.#options = options;
    this.epoch = options.epoch;
    this.#cancelSweep = options.clock.after(SWEEP_MS, this.#sweep);
  }

  /** Opens the office with the durable mail that a former run was left with. Rejects where the journal does. */
  static async open(options: LocalPostOptions): Promise<LocalPostOffice> {
    const office = new LocalPostOffice(options);
    try {
      await options.journal.load((kept) => {
        const letter = office.#put(office.#boxOf(kept.to), kept.from, kept.frame, kept.deadline, true);
        if (letter) options.journal.adopt(letter, kept);
      });
    } catch (error) {
      office.#cancelSweep();
      throw error;
    }
    return office;
  }

  /** Bytes that all mail takes in memory. */
  get bytes(): number {
    return this.#bytes;
  }

  post(mail: Mail, settled: (outcome: Settled) => void): void {
    const { journal, clock, totalBytes } = this.#options;
    const durable = isDurable(mail.frame);
    if (this.#closed !== undefined || (durable && !journal.ready)) {
      settled('unavailable');
      return;
    }
    const { line } = mail;
    const box = line instanceof Line && line.isOpen ? line.box : this.#boxOf(mail.to);
    const held = durable ? box.mail.durable(mail.from, numberOf(mail.frame)) : undefined;
    if (held) {
      journal.whenWritten(held, settled);
      return;
    }
    const deadline = clock.steady() + mail.expiresAt - clock.now();
    const letter =
      this.#bytes + mail.frame.length + LETTER_BYTES > totalBytes
        ? undefined
        : this.#put(box, mail.from, mail.frame, deadline, false);
    if (!letter) {
      this.#drop(box);
      settled('mailbox-full');
      return;
    }
    this.#pin(mail.frame);
    if (durable) {
      journal.write(letter, mail.to, (written) => {
        if (!written) this.#withdraw(box, letter);
        settled(written ? 'taken' : 'unavailable');
      });
      box.line?.pump();
    } else {
      box.line?.pump();
      settled('taken');
    }
  }

  open(device: DeviceId, resume: Resume, reader: MailReader): MailLine {
    const box = this.#boxOf(device);
    if (box.line) this.closeLine(box.line);
    // In another epoch a cursor says nothing of this one's numbers.
    if (resume.epoch === this.epoch) this.ack(box, resume.cursor);
    const line = new Line(this, box, reader, this.#options.clock);
    // It may have been let go of for being empty.
    this.#boxes.set(deviceKey(device), box);
    box.line = line;
    line.pump();
    return line;
  }

  async forget(device: DeviceId): Promise<void> {
    const box = this.#boxes.get(deviceKey(device));
    for (const letter of box?.mail.clear() ?? []) {
      this.#bytes -= letter.frame.length + LETTER_BYTES;
      this.#options.journal.erase(letter);
    }
    if (box) this.#drop(box);
    await this.#options.journal.flush();
  }

  waitsFor(): 'store' | null {
    return this.#options.journal.ready ? null : 'store';
  }

  /** Writes what is not written yet; takes nothing any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#cancelSweep();
    await (this.#closed ??= this.#options.journal.close());
  }

  /** For a {@link Line}: its device is done with what was delivered up to a number. */
  ack(box: Box, delivery: number): void {
    box.mail.ack(delivery, this.#acked);
    this.#drop(box);
  }

  /** For a {@link Line}: nobody reads any more. */
  closeLine(line: Line): void {
    if (line.box.line !== line) return;
    line.box.line = null;
    line.box.mail.rewind();
    this.#drop(line.box);
  }

  readonly #acked = (letter: Letter): void => {
    this.#bytes -= letter.frame.length + LETTER_BYTES;
    if (letter.once !== null) this.#options.journal.erase(letter);
  };

  readonly #replaced = (letter: Letter): void => {
    this.#bytes -= letter.frame.length + LETTER_BYTES;
  };

  #put(box: Box, from: DeviceId, frame: Buffer, deadline: number, must: boolean): Letter | undefined {
    const letter = box.mail.put(from, frame, ++this.#delivery, deadline, this.#replaced, must);
    if (letter) this.#bytes += frame.length + LETTER_BYTES;
    return letter;
  }

  /** The store has not taken it: its sender hears so, and it is not delivered, or not again. */
  #withdraw(box: Box, letter: Letter): void {
    if (letter.gone) return;
    box.mail.remove(letter);
    this.#bytes -= letter.frame.length + LETTER_BYTES;
    this.#drop(box);
  }

  #boxOf(device: DeviceId): Box {
    const key = deviceKey(device);
    let box = this.#boxes.get(key);
    if (!box) {
      box = { device, mail: new Mailbox(this.#options.mailbox), line: null };
      this.#boxes.set(key, box);
    }
    return box;
  }

  /** An empty mailbox that nobody reads costs nothing. */
  #drop(box: Box): void {
    if (box.line === null && box.mail.isEmpty) this.#boxes.delete(deviceKey(box.device));
  }

  /** Counts the memory that a frame keeps alive: it is a view of all that its socket read at one time. */
  #pin(frame: Buffer): void {
    if (frame.buffer === this.#lastChunk) return;
    this.#lastChunk = frame.buffer;
    this.#pinnedBytes += frame.buffer.byteLength;
    if (this.#pinnedBytes > MAX_PINNED_BYTES) this.#unpin();
  }

  #unpin(): void {
    // Most mail is acked before it comes to this; to copy that too would hold up all others.
    for (const box of this.#boxes.values()) box.mail.own(this.#pinnedUpTo);
    this.#pinnedUpTo = this.#delivery;
    this.#pinnedBytes = 0;
    this.#lastChunk = null;
  }

  readonly #sweep = (): void => {
    const { clock, events, journal } = this.#options;
    this.#cancelSweep = clock.after(SWEEP_MS, this.#sweep);
    this.#unpin();
    const now = clock.steady();
    for (const box of this.#boxes.values()) {
      box.mail.expire(now, (letter) => {
        this.#acked(letter);
        events.onExpired(letter.from, box.device, numberOf(letter.frame));
      });
      this.#drop(box);
    }
    journal.tick();
  };
}

/** A connected device's reading of its box. */
class Line implements MailLine {
  readonly box: Box;
  readonly #office: LocalPostOffice;
  readonly #reader: MailReader;
  readonly #clock: Clock;
  #unackedSince = 0;

  constructor(office: LocalPostOffice, box: Box, reader: MailReader, clock: Clock) {
    this.#office = office;
    this.box = box;
    this.#reader = reader;
    this.#clock = clock;
  }

  /** Whether its device reads here and now. */
  get isOpen(): boolean {
    return this.box.line === this;
  }

  get unackedSince(): number | null {
    return this.box.mail.onTheWay === 0 ? null : this.#unackedSince;
  }

  ack(delivery: number): void {
    if (this.box.line !== this) return;
    this.#office.ack(this.box, delivery);
    this.#unackedSince = this.#clock.now();
    this.pump();
  }

  resume(): void {
    this.pump();
  }

  close(): void {
    this.#office.closeLine(this);
  }

  /** Sends what waits, as far as the window and the socket have room. */
  pump(): void {
    const { mail } = this.box;
    if (mail.onTheWay === 0) this.#unackedSince = this.#clock.now();
    while (this.box.line === this && this.#reader.waitingBytes <= MAX_SOCKET_BYTES) {
      const letter = mail.next();
      if (!letter) return;
      this.#reader.deliver(letter.frame);
    }
  }
}

/** What a socket may hold before mail waits in the mailbox instead. */
const MAX_SOCKET_BYTES = 1024 * 1024;
