/**
 * The lines to the phones: one connection for each relay, `here` whenever one is made, every message opened and handed on.
 * Nothing is kept for a phone that is away: what is open is repeated when it says `here`.
 */
import type { Primitives } from '@palmkey/core/crypto';
import type { DeviceKeys, DeviceName } from '@palmkey/core/devices';
import { ClockSkewError, type Content, type Opened, Opener, type ReplayStore, Sealer } from '@palmkey/core/messages';
import { type DeviceId, equal, type SealedBody, toHex } from '@palmkey/envelope';
import { type RelayClient, RelayClientError } from '@palmkey/relay-client';
import type { Clock } from './clock.ts';
import type { PhoneFact, RelayFact } from './control/protocol.ts';
import { relayFact } from './facts.ts';
import type { Pairing, PairingStore } from './state/pairing-store.ts';

export interface PhoneLinesOptions {
  readonly device: DeviceKeys;
  readonly name: () => DeviceName;
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
}

export interface PhoneLinesEvents {
  /** A message that passed every check, with the pairing it came through. */
  onMessage(pairing: Pairing, content: Content): void;
  /** A phone has connected: repeat to it what is open. */
  onHere(pairing: Pairing): void;
  /** The relay says that the phone is not connected. */
  onAbsent(pairing: Pairing): void;
  /** A signed message of a known phone, too far from this clock: for words only. */
  onSkew(pairing: Pairing, content: Content, skewMs: number): void;
  /** Something that can be shown has changed. */
  onChange(): void;
}

interface Reach {
  reach: PhoneFact['reach'];
  lastSeenAt: number | null;
  software: string | null;
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
  readonly #reach = new Map<string, Reach>();

  constructor(options: PhoneLinesOptions, events: PhoneLinesEvents) {
    this.#options = options;
    this.#events = events;
    const { primitives, device, clock, pairings, replay } = options;
    this.#sealer = new Sealer({ primitives, device, clock });
    this.#opener = new Opener({ primitives, device, role: 'asks', peers: pairings, replay, clock });
  }

  /** Opens the lines that the pairings need and closes those that none needs. */
  sync(): void {
    const relays = this.#options.pairings.list().map((pairing) => this.dialled(pairing.relay));
    const wanted = new Set([this.#options.homeRelay, ...relays]);
    for (const [relay, line] of this.#lines) {
      if (wanted.has(relay)) continue;
      this.#lines.delete(relay);
      line.client.close();
    }
    for (const relay of wanted) if (!this.#lines.has(relay)) this.#open(relay);
    this.#events.onChange();
  }

  /** The connection to a relay, by the name that the phone uses; opened when there is none yet. */
  relay(origin: string): RelayClient {
    const dialled = this.dialled(origin);
    return (this.#lines.get(dialled) ?? this.#open(dialled)).client;
  }

  /**
   * The origin by which this computer reaches a relay that a phone knows as `origin`: the home relay has a public name,
   * and on loopback it may have moved to another port since the pairing.
   */
  dialled(origin: string): string {
    const { homeRelay, publicUrl } = this.#options;
    return origin === publicUrl || isLoopback(origin) ? homeRelay : origin;
  }

  /** Seals and sends. What cannot be sent now is repeated by whoever keeps it, when the phone says `here`. */
  async send(pairing: Pairing, content: Content): Promise<void> {
    const client = this.#lines.get(this.dialled(pairing.relay))?.client;
    if (client?.state.is !== 'connected') return;
    const body = await this.#sealer.seal([pairing.peer], content);
    try {
      client.send(pairing.peer.id, body);
    } catch (error) {
      if (!(error instanceof RelayClientError)) throw error;
    }
  }

  /** Tells every phone our name and version again. */
  async greet(): Promise<void> {
    await Promise.all(this.#options.pairings.list().map((pairing) => this.#sendHere(pairing)));
  }

  reachOf(id: DeviceId): Readonly<Reach> {
    return this.#reach.get(toHex(id)) ?? { reach: 'unknown', lastSeenAt: null, software: null };
  }

  relays(): RelayFact[] {
    return [...this.#lines].map(([url, line]) => relayFact(url, line.client.state, line.lastContactAt));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const lines = [...this.#lines.values()];
    this.#lines.clear();
    for (const line of lines) line.client.close();
    await Promise.all(lines.map((line) => line.tail));
  }

  #open(relay: string): Line {
    const client = this.#options.openRelay(relay);
    const line: Line = { client, lastContactAt: null, tail: Promise.resolve() };
    this.#lines.set(relay, line);
    client.onState((state) => {
      if (state.is === 'connected') {
        line.lastContactAt = this.#options.clock.now();
        for (const pairing of this.#on(relay)) void this.#sendHere(pairing);
      } else {
        for (const pairing of this.#on(relay)) this.#note(pairing, { reach: 'unknown' });
      }
      this.#events.onChange();
    });
    client.onBody((from, body) => {
      line.tail = line.tail.then(() => this.#take(relay, from, body));
    });
    client.onUndelivered((to, _number, code) => {
      const pairing = this.#options.pairings.get(to);
      if (code !== 'absent' || pairing === undefined) return;
      this.#note(pairing, { reach: 'absent' });
      this.#events.onAbsent(pairing);
      this.#events.onChange();
    });
    client.start();
    return line;
  }

  #on(relay: string): Pairing[] {
    return this.#options.pairings.list().filter((pairing) => this.dialled(pairing.relay) === relay);
  }

  #sendHere(pairing: Pairing): Promise<void> {
    const { name, software } = this.#options;
    return this.send(pairing, { kind: 'here', name: name(), software, keys: null });
  }

  /** Never throws: a body that does not open is nobody's fault that could be told to anybody. */
  async #take(relay: string, from: DeviceId, body: SealedBody): Promise<void> {
    let opened: Opened;
    try {
      opened = await this.#opener.open(body);
    } catch (error) {
      this.#skewed(error);
      return;
    }
    const pairing = this.#options.pairings.get(opened.sender.id);
    // The header's sender and the relay are cross-checks only: the signature has said who it is.
    if (pairing === undefined || this.dialled(pairing.relay) !== relay || !equal(from, pairing.peer.id)) return;
    const first = this.reachOf(pairing.peer.id).reach !== 'here';
    this.#note(pairing, { reach: 'here', lastSeenAt: this.#options.clock.now() });
    const { content } = opened;
    if (content.kind === 'here') {
      this.#note(pairing, { software: content.software });
      if (first) await this.#sendHere(pairing);
      this.#events.onMessage(pairing, content);
      this.#events.onHere(pairing);
    } else this.#events.onMessage(pairing, content);
    if (first) this.#events.onChange();
  }

  #skewed(error: unknown): void {
    if (!(error instanceof ClockSkewError)) return;
    const pairing = this.#options.pairings.get(error.sender.id);
    if (pairing !== undefined) this.#events.onSkew(pairing, error.content, error.skewMs);
  }

  #note(pairing: Pairing, change: Partial<Reach>): void {
    const id = toHex(pairing.peer.id);
    this.#reach.set(id, { ...this.reachOf(pairing.peer.id), ...change });
  }
}

function isLoopback(origin: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(origin).hostname);
}
