/** Pairings of this computer: one at a time, from the link to the stored record. */
import type { DeviceKeys, DeviceName } from '@palmkey/core/devices';
import { PairingError, type PairingRecord, pairingUrl, startHostPairing } from '@palmkey/core/pairing';
import { parseRendezvousSender } from '@palmkey/envelope';
import { HttpRendezvous, type RelayClient, systemTimers } from '@palmkey/relay-client';
import type { Clock } from './clock.ts';
import { ControlError } from './control/control-error.ts';
import type { PairEvent } from './control/protocol.ts';
import { nodePrimitives } from './keys/node-primitives.ts';
import type { Pairing } from './state/pairing-store.ts';

/** How long the relay may take before a pairing is given up for want of it. */
const relayWithinMs = 10_000;

export interface PairingServiceOptions {
  readonly device: DeviceKeys;
  readonly name: () => DeviceName;
  readonly clock: Clock;
  /** The connection over which a rendezvous at this relay is opened; `dialled` is the origin that this computer uses for it. */
  readonly relay: (origin: string) => { readonly client: RelayClient; readonly dialled: string };
}

export interface PairOptions {
  /** Origin of the relay as the phone is to dial it. */
  readonly relay: string;
  /** Origin of the app, for the link. */
  readonly app: string;
  readonly onEvent: (event: PairEvent) => void;
  /** Asks for the six digits; attempts count from 1. */
  readonly askCode: (attempt: number, phoneName: string, signal: AbortSignal) => Promise<string>;
  /** Stores the pairing; the phone's admission is kept after it. */
  readonly store: (pairing: Pairing) => void;
  readonly signal: AbortSignal;
}

export class PairingService {
  readonly #options: PairingServiceOptions;
  #running = false;

  constructor(options: PairingServiceOptions) {
    this.#options = options;
  }

  /**
   * Shows a link and pairs with the phone that opens it. Nothing is kept of a pairing that fails.
   * @throws ControlError `pairing-running`; PairingError; RelayError and RelayClientError when the relay cannot be had.
   */
  async pair(options: PairOptions): Promise<Pairing> {
    if (this.#running) throw new ControlError('pairing-running');
    this.#running = true;
    try {
      return await this.#pair(options);
    } finally {
      this.#running = false;
    }
  }

  async #pair(options: PairOptions): Promise<Pairing> {
    const { device, name, clock } = this.#options;
    const { client, dialled } = this.#options.relay(options.relay);
    await client
      .connected(AbortSignal.any([options.signal, AbortSignal.timeout(relayWithinMs)]))
      .catch((cause: unknown) => {
        if (options.signal.aborted) throw new PairingError('cancelled', { cause });
        throw new ControlError('no-relay', { relay: dialled });
      });
    const session = await nodePrimitives.generateAgreement();
    const link = { relay: options.relay, sessionKey: session.publicKey, hostName: name() };
    const deps = {
      primitives: nodePrimitives,
      device,
      name: name(),
      clock: { now: () => clock.now(), after: afterOf(clock) },
    };
    const pairing = startHostPairing(deps, session, link);
    await client.openRendezvous(pairing.rendezvousId);
    let keep = false;
    try {
      const channel = new HttpRendezvous({
        relay: dialled,
        id: pairing.rendezvousId,
        sender: parseRendezvousSender(nodePrimitives.randomBytes(16)),
        fetch,
        timers: systemTimers,
        random: (length) => nodePrimitives.randomBytes(length),
        signal: options.signal,
      });
      options.onEvent({ is: 'link', url: pairingUrl(options.app, link), expiresAt: pairing.expiresAt });
      let phoneName = '';
      const record = await pairing.run(
        channel,
        {
          onCode: (attempt, signal) => {
            options.onEvent({ is: 'code-wanted', attempt, phoneName });
            return options.askCode(attempt, phoneName, signal);
          },
          onProgress: (event) => {
            if (event.is === 'met') options.onEvent({ is: 'phone-arrived' });
            if (event.is === 'comparing') phoneName = event.name;
            if (event.is === 'confirming') options.onEvent({ is: 'finishing' });
          },
        },
        options.signal,
      );
      const stored = withKeys(record);
      options.store(stored);
      keep = true;
      return stored;
    } finally {
      // The relay forgets an unfinished rendezvous by itself; this is to be quick about it.
      await client.closeRendezvous(pairing.rendezvousId, keep).catch(() => undefined);
    }
  }
}

function withKeys(record: PairingRecord): Pairing {
  return { ...record, userKeys: record.userKeys ?? [] };
}

function afterOf(clock: Clock): (ms: number, signal: AbortSignal) => Promise<void> {
  return (ms, signal) =>
    new Promise((resolve) => {
      const cancel = clock.after(ms, resolve);
      signal.addEventListener('abort', cancel, { once: true });
      if (signal.aborted) cancel();
    });
}
