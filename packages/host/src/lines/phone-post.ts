/** What goes out to phones: sealed, given to their relay, and remembered where it may not have arrived. */
import type { Primitives } from '@palmkey/core/crypto';
import type { DeviceKeys } from '@palmkey/core/devices';
import { type Content, Sealer } from '@palmkey/core/messages';
import { type DeviceId, type PushOutcome, RelayError, toHex } from '@palmkey/envelope';
import { type RelayClient, RelayClientError } from '@palmkey/relay-client';
import type { HostAccount } from '../account/host-account.ts';
import type { Clock } from '../clock.ts';
import type { PairingStore } from '../state/pairing-store.ts';
import type { Address, Carriage } from './carriage.ts';

export interface PhonePostOptions {
  readonly device: DeviceKeys;
  readonly primitives: Primitives;
  readonly clock: Clock;
  readonly pairings: PairingStore;
  /** Whose chain's head goes along; before it is known it is as if there were no connection. */
  readonly account: Pick<HostAccount, 'activeState' | 'isRemoved' | 'mayPass'>;
  /** By which origin this computer reaches the relay that a phone knows by that one. */
  readonly dialled: (relay: string) => string;
  /** The line to a relay, as dialled; null where there is none. */
  readonly lineTo: (relay: string) => RelayClient | null;
  /** A message could not be made, for a fault of this computer. */
  readonly onFault: (error: unknown) => void;
}

export class PhonePost {
  readonly #options: PhonePostOptions;
  readonly #sealer: Sealer;
  /** Phones that a message may not have reached, by id: what is open is repeated with the next connection. */
  readonly #missed = new Set<string>();

  constructor(options: PhonePostOptions) {
    this.#options = options;
    const { primitives, device, clock, account } = options;
    this.#sealer = new Sealer({ primitives, device, clock, chain: () => account.activeState });
  }

  /**
   * Seals and sends. The message's number, undefined where there is no connection for it and it is not durable. Never
   * rejects.
   */
  async send(to: Address, content: Content, how: Carriage = {}): Promise<number | undefined> {
    try {
      const number = await this.#sealAndSend(to, content, how);
      if (number === undefined) this.#miss(to, how);
      return number;
    } catch (error) {
      if (error instanceof RelayClientError) this.#miss(to, how);
      else this.#options.onFault(error);
      return undefined;
    }
  }

  /**
   * Seals a content and has the phone's relay push it; it is of use for `lifetimeMs`. Null where that relay could not
   * be asked, or knows no push. Never rejects.
   */
  async push({ peer, relay }: Address, content: Content, lifetimeMs: number): Promise<PushOutcome | null> {
    const { dialled, lineTo, onFault } = this.#options;
    const client = lineTo(dialled(relay));
    if (client?.state.is !== 'connected' || !client.state.keepsMail || !this.mayPass({ peer, relay })) return null;
    try {
      const body = await this.#sealer.seal([peer], content, { lifetimeMs });
      return await client.push(peer.id, body, lifetimeMs);
    } catch (error) {
      if (!(error instanceof RelayClientError || error instanceof RelayError)) onFault(error);
      return null;
    }
  }

  /** Whether something may go to that phone by that relay now. */
  mayPass({ peer, relay }: Address): boolean {
    const { account, dialled } = this.#options;
    return !account.isRemoved(peer.id) && account.mayPass(dialled(relay), peer.id);
  }

  /** The relay says that something may not have got as far as that phone. */
  missed(id: DeviceId): void {
    this.#missed.add(toHex(id));
  }

  /** Whether something may not have reached that phone since this was asked. */
  takeMissed(id: DeviceId): boolean {
    return this.#missed.delete(toHex(id));
  }

  /** Forgets everybody else. */
  keepOnly(ids: readonly DeviceId[]): void {
    const kept = new Set(ids.map(toHex));
    for (const key of this.#missed) if (!kept.has(key)) this.#missed.delete(key);
  }

  async #sealAndSend({ peer, relay }: Address, content: Content, how: Carriage): Promise<number | undefined> {
    const { lineTo } = this.#options;
    const dialled = this.#options.dialled(relay);
    const isOpen = lineTo(dialled)?.state.is === 'connected' && this.mayPass({ peer, relay });
    if (how.durable !== true && !isOpen) return undefined;
    // What waits here may be read as late as its lifetime says.
    const { durable = false, lifetimeMs = 0 } = how;
    const body = await this.#sealer.seal([peer], content, durable ? { lifetimeMs } : {});
    return lineTo(dialled)?.send(peer.id, body, how);
  }

  /** What has a lifetime is of use later too. */
  #miss({ peer }: Address, { lifetimeMs = 0 }: Carriage): void {
    if (lifetimeMs > 0 && this.#options.pairings.get(peer.id) !== undefined) this.missed(peer.id);
  }
}
