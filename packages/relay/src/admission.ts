import {
  connectMessage,
  deviceIdPreimage,
  parseConnectNonce,
  parseDeviceId,
  RelayError,
  type AccountId,
  type AgreementPublicKey,
  type Authenticate,
  type ConnectNonce,
  type DeviceId,
  type Grant,
  type RelayErrorCode,
  type SigningPublicKey,
} from '@palmkey/envelope';
import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from './clock.ts';
import { isSignedBy } from './is-signed-by.ts';
import type { NewcomerLimit } from './newcomer-limit.ts';
import type { ChainGrantStore } from './store/chain-grant-store.ts';
import type { ChainStore } from './store/chain-store.ts';
import { dayOf, type DeviceStore } from './store/device-store.ts';
import type { DeviceKeys, LetIn, Registry } from './store/registry.ts';

/** Who is let in: any device whose signature verifies, or only those that are known or show a grant. */
export type AdmissionMode = 'open' | 'members';

/** What came of an authentication. */
export type Judgement =
  | { readonly is: 'admitted'; readonly id: DeviceId; readonly account: AccountId }
  /** By a chain-grant, to join that chain, until then, ms since 1970 UTC. */
  | { readonly is: 'joining'; readonly id: DeviceId; readonly chain: AccountId; readonly expiresAt: number }
  | { readonly is: 'refused'; readonly code: RelayErrorCode; readonly retryAfterMs?: number };

interface AdmissionPorts {
  readonly mode: AdmissionMode;
  /** The relay's own origins; asked each time, for a port that is known only after listening. */
  readonly origins: () => readonly string[];
  readonly devices: DeviceStore;
  readonly registry: Registry;
  readonly chains: ChainStore;
  readonly chainGrants: ChainGrantStore;
  /** How many strangers an address may bring. */
  readonly newcomers: NewcomerLimit;
  readonly clock: Clock;
}

/**
 * Who may connect (spec/relay.md, "Connecting" and "Admission"). All the cryptography that it uses is to hash, to
 * verify and to draw nonces.
 */
export class Admission {
  readonly #ports: AdmissionPorts;

  constructor(ports: AdmissionPorts) {
    this.#ports = ports;
  }

  /** A fresh nonce for one connection. */
  newNonce(): ConnectNonce {
    return parseConnectNonce(randomBytes(32));
  }

  /**
   * Judges what a connection from a network address showed for its own nonce, and uses up the grant that it needs.
   * Throws only if the store fails.
   */
  async judge(serverNonce: ConnectNonce, shown: Authenticate, address: string): Promise<Judgement> {
    const id = deviceIdOf(shown.signingKey, shown.agreementKey);
    const message = connectMessage(serverNonce, shown.clientNonce, id, shown.origin);
    if (!isSignedBy(shown.signingKey, 'relay-connect', message, shown.signature)) {
      return { is: 'refused', code: 'bad-signature' };
    }
    if (!this.#ports.origins().includes(shown.origin)) return { is: 'refused', code: 'wrong-origin' };
    const { signingKey, agreementKey, grant } = shown;
    const device: DeviceKeys = { id, signingKey, agreementKey };
    const known = await this.#judgeKnown(id);
    if (known?.is === 'refused' || (known && !grant)) return known;
    const judged = (grant ? await this.#judgeJoining(id, grant) : null) ?? known;
    if (judged) return judged;
    if (grant) {
      const letIn = await this.#ports.registry.admitByGrant(device, grant, this.#ports.clock.now());
      // Of two connections with one grant the other may have used it.
      const judgement = await this.#judgeLetIn(id, letIn);
      if (judgement.is !== 'refused' || judgement.code !== 'not-admitted') return judgement;
      const meanwhile = await this.#judgeKnown(id);
      if (meanwhile) return meanwhile;
    }
    if (this.#ports.mode === 'open') return this.#judgeStranger(device, address);
    // A device that was away when it was revoked hears why nobody knows it any more.
    return { is: 'refused', code: (await this.#ports.chains.wasRevoked(id)) ? 'removed' : 'not-admitted' };
  }

  /** Knows a device from now on, by the operator's word. Throws `RelayError` where it cannot be. */
  async admit(keys: { signingKey: SigningPublicKey; agreementKey: AgreementPublicKey }): Promise<DeviceId> {
    const id = deviceIdOf(keys.signingKey, keys.agreementKey);
    const letIn = await this.#ports.registry.admitByOperator({ id, ...keys }, this.#ports.clock.now());
    if (letIn.is === 'refused') throw new RelayError(letIn.code);
    return id;
  }

  async #judgeKnown(id: DeviceId): Promise<Judgement | null> {
    const { devices, clock } = this.#ports;
    const known = await devices.find(id, clock.now());
    if (!known) return null;
    if (known.blocked) return { is: 'refused', code: 'blocked' };
    const today = dayOf(clock.now());
    if (known.seenOn < today) await devices.see(id, today);
    return { is: 'admitted', id, account: known.account };
  }

  /** What a chain-grant is good for; null where it is none, or lets this device in to nothing that it is not in already. */
  async #judgeJoining(id: DeviceId, grant: Grant): Promise<Judgement | null> {
    const { chainGrants, clock } = this.#ports;
    const use = await chainGrants.use(grant, id, clock.now());
    switch (use.is) {
      case 'joining':
        return { is: 'joining', id, chain: use.chain, expiresAt: use.expiresAt };
      case 'revoked':
        return { is: 'refused', code: 'removed' };
      case 'nothing':
        return null;
    }
  }

  /** A device that was let in as it connected was seen today. */
  async #judgeLetIn(id: DeviceId, letIn: LetIn): Promise<Judgement> {
    if (letIn.is === 'refused') return letIn;
    const { devices, clock } = this.#ports;
    await devices.see(id, dayOf(clock.now()));
    return { is: 'admitted', id, account: letIn.account };
  }

  async #judgeStranger(device: DeviceKeys, address: string): Promise<Judgement> {
    const { newcomers, registry, clock } = this.#ports;
    const waitMs = newcomers.take(address);
    if (waitMs > 0) return { is: 'refused', code: 'rate-limited', retryAfterMs: waitMs };
    return this.#judgeLetIn(device.id, await registry.admitOpen(device, clock.now()));
  }
}

/** The id that a device's two keys make (spec/devices.md, "Device id"). */
export function deviceIdOf(signing: SigningPublicKey, agreement: AgreementPublicKey): DeviceId {
  const hash = createHash('sha256').update(deviceIdPreimage(signing, agreement)).digest();
  return parseDeviceId(new Uint8Array(hash.subarray(0, 16)));
}
