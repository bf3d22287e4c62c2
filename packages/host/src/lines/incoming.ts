/**
 * What comes from phones: opened, compared with the account's chain, and handed on with the pairing it came through.
 */
import type { Primitives } from '@palmkey/core/crypto';
import type { DeviceKeys } from '@palmkey/core/devices';
import {
  ClockSkewError,
  type Content,
  MessageError,
  NotUnderstoodError,
  type Opened,
  Opener,
  type ReplayStore,
} from '@palmkey/core/messages';
import type { DeviceId, SealedBody } from '@palmkey/envelope';
import type { HostAccount } from '../account/host-account.ts';
import type { Clock } from '../clock.ts';
import type { Pairing, PairingStore } from '../state/pairing-store.ts';
import type { Greetings } from './greetings.ts';
import type { PhoneLinesEvents } from './phone-lines-options.ts';
import type { Reaches } from './reaches.ts';
import type { RelayWays } from './relay-ways.ts';

export interface IncomingOptions {
  readonly device: DeviceKeys;
  readonly primitives: Primitives;
  readonly clock: Clock;
  readonly replay: ReplayStore;
  readonly pairings: PairingStore;
  readonly account: Pick<HostAccount, 'again' | 'meet'>;
  readonly ways: RelayWays;
  readonly reaches: Reaches;
  readonly greetings: Greetings;
  readonly events: PhoneLinesEvents;
  /** A phone is at another relay than before. */
  readonly onWay: () => void;
}

export class Incoming {
  readonly #options: IncomingOptions;
  readonly #opener: Opener;

  constructor(options: IncomingOptions) {
    this.#options = options;
    const { primitives, device, pairings, replay, clock } = options;
    this.#opener = new Opener({ primitives, device, role: 'asks', peers: pairings, replay, clock });
  }

  /**
   * Takes a body that a relay, as dialled, says is from that device. One that does not open is nobody's fault that
   * could be told to anybody. Rejects with what the events throw.
   */
  async take(relay: string, from: DeviceId, body: SealedBody): Promise<void> {
    const { account, ways } = this.#options;
    let opened: Opened;
    try {
      opened = await this.#open(body);
    } catch (error) {
      if (!(error instanceof MessageError)) throw error;
      if (error instanceof ClockSkewError) this.#skewed(relay, from, error);
      if (error instanceof NotUnderstoodError) this.#notUnderstood(relay, from, error);
      return;
    }
    if (!(await account.meet(opened.sender.id, opened.head))) return;
    const known = ways.sender(relay, from, opened.sender.id);
    if (known !== undefined) this.#hear(this.#settled(known, relay), opened.content);
  }

  /** A sender that nobody knows may have joined the account since. */
  async #open(body: SealedBody): Promise<Opened> {
    try {
      return await this.#opener.open(body);
    } catch (error) {
      const isUnknown = error instanceof MessageError && error.code === 'unknown-sender';
      if (!isUnknown) throw error;
      await this.#options.account.again();
      return this.#opener.open(body);
    }
  }

  /** A member that speaks at the relay to which the account has moved is there from now on. */
  #settled(pairing: Pairing, relay: string): Pairing {
    const { pairings, ways, onWay } = this.#options;
    const settled = ways.settledAt(pairing, relay);
    if (settled === null) return pairing;
    pairings.put(settled);
    onWay();
    return settled;
  }

  #hear(pairing: Pairing, content: Content): void {
    const { reaches, events } = this.#options;
    const { id } = pairing.peer;
    const isFirst = reaches.of(id).reach !== 'here';
    reaches.heard(id);
    if (content.kind === 'speaks') reaches.spoke(id, content);
    if (isFirst) events.onChange();
    // What it speaks comes before its `here`, which is what is answered.
    if (content.kind === 'speaks') return;
    try {
      events.onMessage(pairing, content);
    } finally {
      // What the message said may not have been kept; that the phone is there is so all the same.
      if (content.kind === 'here') this.#greeted(pairing, content.software);
    }
  }

  #greeted(pairing: Pairing, software: string): void {
    const { reaches, greetings, events } = this.#options;
    const said = reaches.greeted(pairing.peer.id, software);
    if (said === 'greeting') void greetings.answer(pairing);
    if (said !== 'change') events.onChange();
    events.onHere(pairing);
  }

  #skewed(relay: string, from: DeviceId, { sender, content, skewMs }: ClockSkewError): void {
    const { ways, greetings, events } = this.#options;
    const pairing = ways.sender(relay, from, sender.id);
    if (pairing === undefined) return;
    if (content.kind === 'speaks' && content.answer !== true) greetings.tellTime(pairing);
    events.onSkew(pairing, content, skewMs);
  }

  #notUnderstood(relay: string, from: DeviceId, { sender }: NotUnderstoodError): void {
    const { ways, reaches, events } = this.#options;
    const pairing = ways.sender(relay, from, sender.id);
    if (pairing === undefined) return;
    reaches.notUnderstood(from);
    events.onNotUnderstood(pairing);
    events.onChange();
  }
}
