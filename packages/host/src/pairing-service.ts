/** Pairings of this computer: one at a time, from the link to the stored record. */
import type { DeviceKeys, DeviceName } from '@palmkey/core/devices';
import { type HostHooks, PairingError, type PairingRecord, pairingUrl, startHostPairing } from '@palmkey/core/pairing';
import { type DeviceId, parseRendezvousSender, type RendezvousId } from '@palmkey/envelope';
import { HttpRendezvous, type RelayClient, RelayClientError, systemTimers } from '@palmkey/relay-client';
import type { Clock } from './clock.ts';
import { ControlError } from './control/control-error.ts';
import type { PairEvent } from './control/protocol.ts';
import { nodePrimitives } from './keys/node-primitives.ts';
import type { HeldLine } from './lines/phone-lines.ts';
import type { PairedPhone, Pairing } from './state/pairing-store.ts';

/** How long the relay may take before a pairing is given up for want of it. */
const relayWithinMs = 10_000;
/** How long a relay that has gone in the meantime is tried again before its word on a new phone is given up. */
const keepWithinMs = 10 * 60_000;

export interface PairingServiceOptions {
  readonly device: DeviceKeys;
  readonly name: DeviceName;
  readonly clock: Clock;
  /** The connection over which a rendezvous at this relay is opened, kept open until it is released. */
  readonly relay: (origin: string) => HeldLine;
  /** A pairing begins or has ended. */
  readonly onChange: () => void;
}

export interface PairOptions {
  /** Origin of the relay as the phone is to dial it. */
  readonly relay: string;
  /** Origin of the app, for the link. */
  readonly app: string;
  readonly onEvent: (event: PairEvent) => void;
  /** Asks for the six digits; attempts count from 1. */
  readonly askCode: (attempt: number, phoneName: string, signal: AbortSignal) => Promise<string>;
  /** Stores the pairing; the phone's admission is kept after it. What it throws ends the pairing. */
  readonly store: (pairing: Pairing) => Promise<void>;
  readonly signal: AbortSignal;
}

interface Running {
  readonly signal: AbortSignal;
  /** Never rejects. */
  readonly ended: Promise<unknown>;
}

export class PairingService {
  readonly #options: PairingServiceOptions;
  #running: Running | null = null;

  constructor(options: PairingServiceOptions) {
    this.#options = options;
  }

  /** Whether a link is shown, or a phone being paired. */
  get running(): boolean {
    return this.#running !== null && !this.#running.signal.aborted;
  }

  /**
   * Shows a link and pairs with the phone that opens it. Nothing is kept of a pairing that fails. One that was cancelled
   * makes room for the next.
   * @throws ControlError `pairing-running`, `no-relay`; PairingError; RelayError and RelayClientError when the relay
   * cannot be had.
   */
  async pair(options: PairOptions): Promise<Pairing> {
    while (this.#running !== null) {
      if (!this.#running.signal.aborted) throw new ControlError('pairing-running');
      await this.#running.ended;
    }
    const result = this.#held(options);
    this.#running = { signal: options.signal, ended: result.catch(() => undefined) };
    this.#options.onChange();
    try {
      return await result;
    } finally {
      this.#running = null;
      this.#options.onChange();
    }
  }

  /** Resolves when none runs; those that run are to be cancelled first. */
  async idle(): Promise<void> {
    await this.#running?.ended;
  }

  async #held(options: PairOptions): Promise<Pairing> {
    const held = this.#options.relay(options.relay);
    try {
      return await this.#meet(options, held);
    } finally {
      held.release();
    }
  }

  async #meet(options: PairOptions, { client, dialled }: HeldLine): Promise<Pairing> {
    await client
      .connected(AbortSignal.any([options.signal, AbortSignal.timeout(relayWithinMs)]))
      .catch((cause: unknown) => {
        if (options.signal.aborted) throw new PairingError('cancelled', { cause });
        throw new ControlError('no-relay', { relay: dialled });
      });
    const { device, name, clock } = this.#options;
    const session = await nodePrimitives.generateAgreement();
    const link = { relay: options.relay, sessionKey: session.publicKey, hostName: name };
    const deps = {
      primitives: nodePrimitives,
      device,
      name,
      clock: { now: () => clock.now(), after: afterOf(clock) },
    };
    const pairing = startHostPairing(deps, session, link);
    await client.openRendezvous(pairing.rendezvousId);
    // Not the caller's signal: who cancels still tells the phone.
    const over = new AbortController();
    let keep: DeviceId | null = null;
    try {
      const channel = new HttpRendezvous({
        relay: dialled,
        id: pairing.rendezvousId,
        sender: parseRendezvousSender(nodePrimitives.randomBytes(16)),
        fetch,
        timers: systemTimers,
        random: (length) => nodePrimitives.randomBytes(length),
        signal: over.signal,
      });
      options.onEvent({ is: 'link', url: pairingUrl(options.app, link), expiresAt: pairing.expiresAt });
      const record = await pairing.run(channel, hooksOf(options), options.signal);
      const stored = withKeys(record);
      await options.store(stored);
      keep = stored.peer.id;
      return stored;
    } finally {
      over.abort();
      await closeRendezvous(client, pairing.rendezvousId, keep);
    }
  }
}

function hooksOf({ onEvent, askCode }: PairOptions): HostHooks {
  let phoneName = '';
  return {
    onCode: (attempt, signal) => {
      onEvent({ is: 'code-wanted', attempt, phoneName });
      return askCode(attempt, phoneName, signal);
    },
    onProgress: (event) => {
      if (event.is === 'met') onEvent({ is: 'phone-arrived' });
      if (event.is === 'comparing') phoneName = event.name;
      if (event.is === 'confirming') onEvent({ is: 'finishing' });
    },
  };
}

/**
 * Ends a rendezvous, which settles whether the relay goes on admitting the phone. Without `keep` the relay comes to the
 * same end by itself; a phone that is kept would be forgotten, so that is repeated for as long as it takes.
 */
async function closeRendezvous(client: RelayClient, id: RendezvousId, keep: DeviceId | null): Promise<void> {
  try {
    await client.closeRendezvous(id, keep);
  } catch (error) {
    if (keep && error instanceof RelayClientError) void keepLater(client, id, keep);
  }
}

async function keepLater(client: RelayClient, id: RendezvousId, keep: DeviceId): Promise<void> {
  const signal = AbortSignal.timeout(keepWithinMs);
  for (;;) {
    try {
      await client.connected(signal);
      await client.closeRendezvous(id, keep);
      return;
    } catch (error) {
      // The client was closed, the relay refuses it or knows no such rendezvous any more, or the time is over.
      if (client.state.is !== 'connected' && client.state.is !== 'waiting' && client.state.is !== 'connecting') return;
      if (signal.aborted || !(error instanceof RelayClientError)) return;
    }
  }
}

function withKeys(record: PairingRecord): PairedPhone {
  return { by: 'pairing', ...record, userKeys: record.userKeys ?? [] };
}

function afterOf(clock: Clock): (ms: number, signal: AbortSignal) => Promise<void> {
  return (ms, signal) =>
    new Promise((resolve) => {
      const cancel = clock.after(ms, resolve);
      signal.addEventListener('abort', cancel, { once: true });
      if (signal.aborted) cancel();
    });
}
