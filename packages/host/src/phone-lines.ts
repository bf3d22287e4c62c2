/**
 * The lines to the phones: one connection for each relay, `here` whenever one is made, every message opened and handed on.
 * What has a lifetime waits at the relay for a phone that is away; what did not get as far is repeated by whoever keeps it.
 */
import type { Primitives } from '@palmkey/core/crypto';
import { type DeviceKeys, type DeviceName, type Peer, toPlainText } from '@palmkey/core/devices';
import {
  ClockSkewError,
  type Content,
  MessageError,
  NotUnderstoodError,
  type Opened,
  Opener,
  type ReplayStore,
  Sealer,
} from '@palmkey/core/messages';
import { PROTOCOLS } from '@palmkey/core/requests';
import { type DeviceId, equal, type PushOutcome, RelayError, type SealedBody, toHex } from '@palmkey/envelope';
import { type RelayClient, RelayClientError } from '@palmkey/relay-client';
import type { HostAccount } from './account/host-account.ts';
import type { Clock } from './clock.ts';
import type { RelayFact } from './control/protocol.ts';
import { relayFact } from './facts.ts';
import { isLoopback } from './origin.ts';
import { type Reach, Reaches } from './reaches.ts';
import type { Pairing, PairingStore } from './state/pairing-store.ts';

/** The longest `software` of a `here` (spec/requests.md). */
const maxSoftware = 64;
/** A phone of another time is answered once in this time, however often its relay gives its greeting. */
const toldTimeOnceInMs = 2_000;

export interface PhoneLinesOptions {
  readonly device: DeviceKeys;
  readonly name: DeviceName;
  readonly software: string;
  readonly pairings: PairingStore;
  readonly replay: ReplayStore;
  readonly primitives: Primitives;
  readonly clock: Clock;
  /** The relay to be connected to even without a pairing, so that one can be made. */
  readonly homeRelay: string;
  /** The home relay by the name that phones use. */
  readonly publicUrl: string | null;
  readonly openRelay: (origin: string) => RelayClient;
  /** Holds back what may not be opened or sent before the head of the account's chain is known. */
  readonly account: Pick<
    HostAccount,
    | 'activeState'
    | 'connected'
    | 'dialledSinceMove'
    | 'formerRelay'
    | 'heard'
    | 'lost'
    | 'again'
    | 'meet'
    | 'isHome'
    | 'isMember'
    | 'mayPass'
    | 'pass'
    | 'place'
  >;
  /** The relays, as dialled, that something is to be sent to from before. */
  readonly owed: () => readonly string[];
}

/** What they throw ends at {@link onFault}. */
export interface PhoneLinesEvents {
  /** A message that passed every check, with the pairing it came through. */
  onMessage(pairing: Pairing, content: Content): void;
  /** A phone has connected, or something may not have reached it: repeat to it what is open. */
  onHere(pairing: Pairing): void;
  /** The relay says that the phone is not connected; what has a lifetime waits for it there. */
  onAbsent(pairing: Pairing): void;
  /** A signed message of a known phone, too far from this clock: for words only. */
  onSkew(pairing: Pairing, content: Content, skewMs: number): void;
  /** A phone's own word that this version does not know: it runs a newer one. */
  onNotUnderstood(pairing: Pairing): void;
  /** Something that can be shown has changed. */
  onChange(): void;
  /** A message could not be acted on, or not be made, for a fault of this computer. */
  onFault(error: unknown): void;
}

/** Where a message goes: a pairing, or what is left of one. */
export interface Address {
  readonly peer: Peer;
  readonly relay: string;
}

/** How a message goes. */
export interface Carriage {
  /** How long it is of use to a phone that is away, ms; 0, as where left out: not at all. */
  readonly lifetimeMs?: number;
  /** It is kept here until the relay has it on disk, also over a restart. */
  readonly durable?: boolean;
  /** It takes the place of what waits at the relay under the same key, 1 to 2^53 − 1. */
  readonly coalescingKey?: number;
}

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
  readonly #sealer: Sealer;
  readonly #opener: Opener;
  readonly #lines = new Map<string, Line>();
  readonly #reaches: Reaches;
  readonly #held = new Set<HeldLine>();
  /** Phones that a message may not have reached, by id: what is open is repeated with the next connection. */
  readonly #missed = new Set<string>();
  /** When a phone of another time was answered, by its id; by the monotonic clock. */
  readonly #toldTimeAt = new Map<string, number>();
  #closed = false;

  constructor(options: PhoneLinesOptions, events: PhoneLinesEvents) {
    this.#options = options;
    this.#events = events;
    const { primitives, device, clock, pairings, replay } = options;
    const chain = () => options.account.activeState;
    this.#sealer = new Sealer({ primitives, device, clock, chain });
    this.#opener = new Opener({ primitives, device, role: 'asks', peers: pairings, replay, clock });
    this.#reaches = new Reaches(clock, () => events.onChange());
  }

  /** Opens the lines that are needed and closes those that are not. */
  sync(): void {
    if (this.#closed) return;
    const pairings = this.#options.pairings.list();
    const wanted = this.#wanted();
    for (const [relay, line] of this.#lines) {
      if (wanted.has(relay)) continue;
      this.#lines.delete(relay);
      line.client.close();
    }
    for (const relay of wanted) if (!this.#lines.has(relay)) this.#open(relay);
    const ids = pairings.map(({ peer }) => peer.id);
    this.#reaches.keepOnly(ids);
    for (const id of this.#missed) if (!ids.some((known) => toHex(known) === id)) this.#missed.delete(id);
    for (const id of this.#toldTimeAt.keys())
      if (!ids.some((known) => toHex(known) === id)) this.#toldTimeAt.delete(id);
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

  /**
   * The origin by which this computer reaches a relay that a phone knows as `origin`: the home relay has a public name,
   * and on loopback it may have another port since the pairing. Where the account has moved goes before that.
   */
  dialled(origin: string): string {
    return this.#options.account.dialledSinceMove(origin) ?? this.#atFirst(origin);
  }

  #atFirst(origin: string): string {
    const { homeRelay, publicUrl } = this.#options;
    const isHere = isLoopback(origin) && isLoopback(homeRelay);
    return origin === publicUrl || isHere ? homeRelay : origin;
  }

  /**
   * Seals and sends; whether the relay was given it, or will be for certain. What cannot be sent now is repeated by
   * whoever keeps it, on `onHere`. Never rejects.
   */
  async send(to: Address, content: Content, how: Carriage = {}): Promise<boolean> {
    return (await this.#post(to, content, how)) !== undefined;
  }

  /**
   * Seals a content and has the phone's relay push it; it is of use for `lifetimeMs`. Null where that relay could not be
   * asked, or knows no push. Never rejects.
   */
  async push({ peer, relay }: Address, content: Content, lifetimeMs: number): Promise<PushOutcome | null> {
    const client = this.#lines.get(this.dialled(relay))?.client;
    if (client?.state.is !== 'connected' || !client.state.keepsMail || !this.#mayPass(peer, relay)) return null;
    try {
      const body = await this.#sealer.seal([peer], content, { lifetimeMs });
      const outcome = await client.push(peer.id, body, lifetimeMs);
      if (outcome !== 'connected') this.#reaches.pushed(peer.id, outcome);
      this.#events.onChange();
      return outcome;
    } catch (error) {
      if (!(error instanceof RelayClientError || error instanceof RelayError)) this.#events.onFault(error);
      return null;
    }
  }

  /** Says `here` to a phone, which shows whether it is there. Never rejects. */
  async greet(pairing: Pairing): Promise<void> {
    if ((await this.#sendHere(pairing)) !== undefined) await this.#reaches.expect(pairing.peer.id);
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
        for (const { peer } of this.#on(relay)) this.#reaches.lost(peer.id);
      }
      this.#events.onChange();
    });
    // Mail is acked once it was acted on.
    client.onBody(async (from, body) => {
      if (!(await account.pass(relay, from))) return;
      line.tail = line.tail
        .then(() => this.#take(relay, from, body))
        .catch((error: unknown) => this.#events.onFault(error));
      await line.tail;
    });
    client.onChainHead((head) => account.heard(relay, head));
    client.onUndelivered((to, _number, code) => {
      if (code === 'absent') this.#absent(relay, to);
      // It expired because nobody read it; all else says that it may not have got as far.
      else if (code !== 'expired') this.#missed.add(toHex(to));
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

  #begin(relay: string): void {
    for (const pairing of this.#greeted(relay)) {
      if (!this.#mayPass(pairing.peer, pairing.relay)) continue;
      void this.greet(pairing);
      if (this.#missed.delete(toHex(pairing.peer.id))) this.#events.onHere(pairing);
    }
  }

  /** Before the head is known it is as if there were no connection. */
  #mayPass({ id }: Peer, relay: string): boolean {
    return this.#options.account.mayPass(this.dialled(relay), id);
  }

  #wanted(): ReadonlySet<string> {
    const { account, homeRelay, pairings, owed } = this.#options;
    const relays = pairings.list().map((pairing) => this.dialled(pairing.relay));
    const held = [...this.#held].map(({ dialled }) => dialled);
    const { formerRelay } = account;
    const isLeft = formerRelay !== null && this.#atFirst(formerRelay) === homeRelay;
    return new Set([...(isLeft ? [] : [this.dialled(homeRelay)]), ...relays, ...held, ...owed()]);
  }

  #on(relay: string): Pairing[] {
    return this.#options.pairings.list().filter((pairing) => this.dialled(pairing.relay) === relay);
  }

  /** The same, and at the account's relay the members that this computer has heard only elsewhere before it moved. */
  #greeted(relay: string): Pairing[] {
    const { account, pairings } = this.#options;
    const { place } = account;
    if (place === null || !this.#hasMovedTo(relay)) return this.#on(relay);
    return pairings.list().flatMap((pairing) => {
      if (this.dialled(pairing.relay) === relay) return [pairing];
      return account.isMember(pairing.peer.id) ? [{ ...pairing, relay: place.relay }] : [];
    });
  }

  #hasMovedTo(relay: string): boolean {
    const { account } = this.#options;
    return account.isHome(relay) && account.dialledSinceMove(account.place?.relay ?? relay) !== null;
  }

  /** A member that speaks at the relay to which the account has moved is there from now on. */
  #settled(pairing: Pairing, relay: string): Pairing {
    const { account, pairings } = this.#options;
    const isElsewhere = this.dialled(pairing.relay) !== relay && account.isMember(pairing.peer.id);
    if (account.place === null || !isElsewhere || !this.#hasMovedTo(relay)) return pairing;
    const settled = { ...pairing, relay: account.place.relay };
    pairings.put(settled);
    this.sync();
    return settled;
  }

  /** A phone is connected to its relay; it greets by itself. */
  #present(relay: string, id: DeviceId): void {
    if (!this.#greeted(relay).some(({ peer }) => equal(peer.id, id))) return;
    this.#reaches.present(id);
    this.#events.onChange();
  }

  /** A phone is not connected to its relay. */
  #absent(relay: string, id: DeviceId): void {
    const pairing = this.#on(relay).find(({ peer }) => equal(peer.id, id));
    if (pairing === undefined) return;
    this.#reaches.absent(id);
    this.#events.onAbsent(pairing);
    this.#events.onChange();
  }

  async #sendHere(pairing: Pairing, isAnswer = false): Promise<number | undefined> {
    const { name, software } = this.#options;
    await this.#post(pairing, { kind: 'speaks', ...PROTOCOLS, ...(isAnswer && { answer: true }) });
    return this.#post(pairing, { kind: 'here', name, software: toPlainText(software, maxSoftware), keys: null });
  }

  /** The message's number, undefined where there is no connection for it and it is not durable. */
  async #post(to: Address, content: Content, how: Carriage = {}): Promise<number | undefined> {
    try {
      const number = await this.#sealAndSend(to, content, how);
      if (number === undefined) this.#miss(to, how);
      return number;
    } catch (error) {
      if (error instanceof RelayClientError) this.#miss(to, how);
      else this.#events.onFault(error);
      return undefined;
    }
  }

  async #sealAndSend({ peer, relay }: Address, content: Content, how: Carriage): Promise<number | undefined> {
    const dialled = this.dialled(relay);
    const isOpen = this.#lines.get(dialled)?.client.state.is === 'connected' && this.#mayPass(peer, relay);
    if (how.durable !== true && !isOpen) return undefined;
    // What waits here may be read as late as its lifetime says.
    const { durable = false, lifetimeMs = 0 } = how;
    const body = await this.#sealer.seal([peer], content, durable ? { lifetimeMs } : {});
    return this.#lines.get(dialled)?.client.send(peer.id, body, how);
  }

  /** What has a lifetime is of use later too. */
  #miss({ peer }: Address, { lifetimeMs = 0 }: Carriage): void {
    if (lifetimeMs > 0 && this.#options.pairings.get(peer.id) !== undefined) this.#missed.add(toHex(peer.id));
  }

  /** A body that does not open is nobody's fault that could be told to anybody. Throws what the events throw. */
  async #take(relay: string, from: DeviceId, body: SealedBody): Promise<void> {
    let opened: Opened;
    try {
      opened = await this.#openAgain(body);
    } catch (error) {
      if (!(error instanceof MessageError)) throw error;
      if (error instanceof ClockSkewError) this.#skewed(relay, from, error);
      if (error instanceof NotUnderstoodError) this.#notUnderstood(relay, from, error);
      return;
    }
    if (!(await this.#options.account.meet(opened.sender.id, opened.head))) return;
    const known = this.#from(relay, from, opened.sender.id);
    if (known === undefined) return;
    const pairing = this.#settled(known, relay);
    const first = this.#reaches.of(from).reach !== 'here';
    const { content } = opened;
    this.#reaches.heard(from);
    if (content.kind === 'speaks') this.#reaches.spoke(from, content);
    if (first) this.#events.onChange();
    // What it speaks comes before its `here`, which is what is answered.
    if (content.kind === 'speaks') return;
    try {
      this.#events.onMessage(pairing, content);
    } finally {
      // What the message said may not have been kept; that the phone is there is so all the same.
      if (content.kind === 'here') {
        const said = this.#reaches.greeted(from, content.software);
        if (said === 'greeting') void this.#sendHere(pairing, true);
        if (said !== 'change') this.#events.onChange();
        this.#events.onHere(pairing);
      }
    }
  }

  /** A sender that nobody knows may have joined the account since. */
  async #openAgain(body: SealedBody): Promise<Opened> {
    try {
      return await this.#opener.open(body);
    } catch (error) {
      const isUnknown = error instanceof MessageError && error.code === 'unknown-sender';
      if (!isUnknown) throw error;
      await this.#options.account.again();
      return this.#opener.open(body);
    }
  }

  #skewed(relay: string, from: DeviceId, { sender, content, skewMs }: ClockSkewError): void {
    const pairing = this.#from(relay, from, sender.id);
    if (pairing === undefined) return;
    if (content.kind === 'speaks' && content.answer !== true) this.#tellTime(pairing);
    this.#events.onSkew(pairing, content, skewMs);
  }

  /** By this computer's own greeting the phone sees how far the two clocks are apart, and says so. */
  #tellTime(pairing: Pairing): void {
    const key = toHex(pairing.peer.id);
    const now = this.#options.clock.monotonic();
    if (now - (this.#toldTimeAt.get(key) ?? Number.NEGATIVE_INFINITY) < toldTimeOnceInMs) return;
    this.#toldTimeAt.set(key, now);
    void this.#sendHere(pairing, true);
  }

  #notUnderstood(relay: string, from: DeviceId, { sender }: NotUnderstoodError): void {
    const pairing = this.#from(relay, from, sender.id);
    if (pairing === undefined) return;
    this.#reaches.notUnderstood(from);
    this.#events.onNotUnderstood(pairing);
    this.#events.onChange();
  }

  /** The header's sender and the relay are cross-checks only: the signature has said who it is. */
  #from(relay: string, from: DeviceId, sender: DeviceId): Pairing | undefined {
    const { pairings, account } = this.#options;
    const pairing = pairings.get(sender);
    if (pairing === undefined || !equal(from, sender)) return undefined;
    const isWay = this.dialled(pairing.relay) === relay || (account.isMember(sender) && account.isHome(relay));
    return isWay ? pairing : undefined;
  }
}
