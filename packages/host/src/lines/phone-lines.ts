/**
 * The lines to the phones: one connection for each relay, `here` whenever one is made, every message opened and handed
 * on. What has a lifetime waits at the relay for a phone that is away; what did not get as far is repeated by whoever
 * keeps it.
 */
import type { Content } from '@palmkey/core/messages';
import { type DeviceId, equal, type PushOutcome, type SealedBody } from '@palmkey/envelope';
import { type RelayClient, RelayClientError } from '@palmkey/relay-client';
import type { RelayFact } from '../control/protocol.ts';
import { relayFact } from '../facts.ts';
import type { Pairing } from '../state/pairing-store.ts';
import type { Address, Carriage } from './carriage.ts';
import { Greetings } from './greetings.ts';
import { Incoming } from './incoming.ts';
import type { PhoneLinesEvents, PhoneLinesOptions } from './phone-lines-options.ts';
import { PhonePost } from './phone-post.ts';
import { type Reach, Reaches } from './reaches.ts';
import { RelayWays } from './relay-ways.ts';

/** A line that is kept open for somebody besides the pairings. */
export interface HeldLine {
  readonly client: RelayClient;
  /** The origin by which this computer reaches the relay. */
  readonly dialled: string;
  release(): void;
}

interface Line {
  readonly client: RelayClient;
  lastContactAt: number | null;
  /** Bodies are opened one after the other, in the order of their arrival. */
  tail: Promise<void>;
}

export class PhoneLines implements AsyncDisposable {
  readonly #options: PhoneLinesOptions;
  readonly #events: PhoneLinesEvents;
  /** By the origin that is dialled. */
  readonly #lines = new Map<string, Line>();
  readonly #held = new Set<HeldLine>();
  readonly #ways: RelayWays;
  readonly #reaches: Reaches;
  readonly #post: PhonePost;
  readonly #greetings: Greetings;
  readonly #incoming: Incoming;
  #closed = false;

  constructor(options: PhoneLinesOptions, events: PhoneLinesEvents) {
    this.#options = options;
    this.#events = events;
    const { clock, name, software } = options;
    const ways = (this.#ways = new RelayWays(options));
    const reaches = (this.#reaches = new Reaches(clock, () => events.onChange()));
    const post = (this.#post = new PhonePost({
      ...options,
      dialled: (relay) => ways.dialled(relay),
      lineTo: (relay) => this.lineTo(relay),
      onFault: (error) => events.onFault(error),
    }));
    const send = (pairing: Pairing, content: Content) => post.send(pairing, content);
    const greetings = (this.#greetings = new Greetings({ name, software, clock, send }));
    const onWay = () => this.sync();
    this.#incoming = new Incoming({ ...options, ways, reaches, greetings, events, onWay });
  }

  /** Opens the lines that are needed and closes those that are not. */
  sync(): void {
    if (this.#closed) return;
    const wanted = this.#wanted();
    for (const [relay, line] of this.#lines) {
      if (wanted.has(relay)) continue;
      this.#lines.delete(relay);
      line.client.close();
    }
    for (const relay of wanted) if (!this.#lines.has(relay)) this.#open(relay);
    const ids = this.#options.pairings.list().map(({ peer }) => peer.id);
    for (const each of [this.#reaches, this.#post, this.#greetings]) each.keepOnly(ids);
    this.#events.onChange();
  }

  /**
   * The connection to a relay, by the name that the phone uses; opened when there is none yet, and tried at once where
   * it waits or was refused.
   * @throws RelayClientError `closed`
   */
  hold(origin: string): HeldLine {
    if (this.#closed) throw new RelayClientError('closed');
    const dialled = this.dialled(origin);
    const { client } = this.#lines.get(dialled) ?? this.#open(dialled);
    if (client.state.is !== 'connected') client.reconnectNow();
    const release = () => {
      if (this.#held.delete(held)) this.sync();
    };
    const held: HeldLine = { client, dialled, release };
    this.#held.add(held);
    return held;
  }

  /** The origin by which this computer reaches a relay that a phone knows as `origin` ({@link RelayWays.dialled}). */
  dialled(origin: string): string {
    return this.#ways.dialled(origin);
  }

  /**
   * Seals and sends; whether the relay was given it, or will be for certain. What cannot be sent now is repeated by
   * whoever keeps it, on `onHere`. Never rejects.
   */
  async send(to: Address, content: Content, how: Carriage = {}): Promise<boolean> {
    return (await this.#post.send(to, content, how)) !== undefined;
  }

  /**
   * Seals a content and has the phone's relay push it; it is of use for `lifetimeMs`. Null where that relay could not
   * be asked, or knows no push. Never rejects.
   */
  async push(to: Address, content: Content, lifetimeMs: number): Promise<PushOutcome | null> {
    const outcome = await this.#post.push(to, content, lifetimeMs);
    if (outcome === null) return null;
    if (outcome !== 'connected') this.#reaches.pushed(to.peer.id, outcome);
    this.#events.onChange();
    return outcome;
  }

  /** Says `here` to a phone, which shows whether it is there. Never rejects. */
  async greet(pairing: Pairing): Promise<void> {
    if (await this.#greetings.greet(pairing)) await this.#reaches.expect(pairing.peer.id);
  }

  /**
   * Greets the phones that were not heard of for a minute. Resolves once it is known which of them are there, as far as
   * their relays say, and within half a second. Never rejects.
   */
  async check(): Promise<void> {
    const doubtful = this.#options.pairings.list().filter(({ peer }) => this.#reaches.isDoubtful(peer.id));
    await Promise.all(doubtful.map((pairing) => this.greet(pairing)));
  }

  /** What was held back may go on: says `here` everywhere, and has repeated what did not get through. */
  begin(): void {
    for (const [relay, { client }] of this.#lines) if (client.state.is === 'connected') this.#begin(relay);
  }

  /** The line to a relay, as dialled; null where there is none. */
  lineTo(relay: string): RelayClient | null {
    return this.#lines.get(relay)?.client ?? null;
  }

  /** The network may be another: tries now what waits, and tests what seems to stand. */
  reconnectNow(): void {
    for (const { client } of this.#lines.values()) client.reconnectNow();
  }

  reachOf(id: DeviceId): Reach {
    return this.#reaches.of(id);
  }

  relays(): RelayFact[] {
    return [...this.#lines].map(([url, line]) => relayFact(url, line.client.state, line.lastContactAt));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const lines = [...this.#lines.values()];
    this.#lines.clear();
    for (const line of lines) line.client.close();
    this.#reaches[Symbol.dispose]();
    await Promise.all(lines.map((line) => line.tail));
  }

  #wanted(): ReadonlySet<string> {
    return new Set([...this.#ways.wanted(), ...[...this.#held].map(({ dialled }) => dialled)]);
  }

  #open(relay: string): Line {
    const { account } = this.#options;
    const client = this.#options.openRelay(relay);
    const line: Line = { client, lastContactAt: null, tail: Promise.resolve() };
    this.#lines.set(relay, line);
    client.onState((state) => {
      if (state.is === 'connected') {
        line.lastContactAt = this.#options.clock.now();
        void account.connected(relay).then(() => this.#begin(relay));
      } else {
        account.lost(relay, state.is === 'refused' && state.code === 'removed');
        for (const { peer } of this.#ways.phonesAt(relay)) this.#reaches.lost(peer.id);
      }
      this.#events.onChange();
    });
    // Mail is acked once it was acted on.
    client.onBody(async (from, body) => {
      for (let isTaken = false; !isTaken;) {
        if (!(await account.pass(relay, from))) return;
        const taken = line.tail.then(() => this.#takeIfMay(relay, from, body));
        line.tail = taken.then(
          () => undefined,
          (error: unknown) => this.#events.onFault(error),
        );
        isTaken = await taken.catch(() => true);
      }
    });
    client.onChainHead((head) => account.heard(relay, head));
    client.onUndelivered((to, _number, code) => {
      if (code === 'absent') this.#absent(relay, to);
      // It expired because nobody read it; all else says that it may not have got as far.
      else if (code !== 'expired') this.#post.missed(to);
    });
    client.onStored((to) => this.#absent(relay, to));
    client.onPresence((device, present) => {
      if (present) this.#present(relay, device);
      else this.#absent(relay, device);
    });
    client.onSettled(() => {
      if (client.unsettled === 0 && !this.#wanted().has(relay)) this.sync();
    });
    client.start();
    return line;
  }

  /** False where another head was heard of while it waited for its turn: it waits for that one too. */
  async #takeIfMay(relay: string, from: DeviceId, body: SealedBody): Promise<boolean> {
    if (!this.#options.account.mayPass(relay, from)) return false;
    await this.#incoming.take(relay, from, body);
    return true;
  }

  #begin(relay: string): void {
    for (const pairing of this.#ways.greetedAt(relay)) {
      if (!this.#post.mayPass(pairing)) continue;
      void this.greet(pairing);
      if (this.#post.takeMissed(pairing.peer.id)) this.#events.onHere(pairing);
    }
  }

  /** A phone is connected to its relay; it greets by itself. */
  #present(relay: string, id: DeviceId): void {
    if (!this.#ways.greetedAt(relay).some(({ peer }) => equal(peer.id, id))) return;
    this.#reaches.present(id);
    this.#events.onChange();
  }

  /** A phone is not connected to its relay. */
  #absent(relay: string, id: DeviceId): void {
    const pairing = this.#ways.phonesAt(relay).find(({ peer }) => equal(peer.id, id));
    if (pairing === undefined) return;
    this.#reaches.absent(id);
    this.#events.onAbsent(pairing);
    this.#events.onChange();
  }
}
