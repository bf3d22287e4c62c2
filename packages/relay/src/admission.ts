import {
  connectMessage,
  deviceIdPreimage,
  isWellFormedSignature,
  parseAccountId,
  parseConnectNonce,
  parseDeviceId,
  signedBytes,
  toBase64Url,
  type AccountId,
  type AgreementPublicKey,
  type Authenticate,
  type ConnectNonce,
  type DeviceId,
  type RelayErrorCode,
  type Grant,
  type SigningPublicKey,
} from '@palmkey/envelope';
import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto';
import type { Clock } from './clock.ts';
import type { RendezvousHall } from './rendezvous.ts';
import type { DeviceStore } from './store/device-store.ts';

/** Who is let in: any device whose signature verifies, or only those that are known or show a grant. */
export type AdmissionMode = 'open' | 'members';

/** What came of an authentication. */
export type Judgement =
  | { readonly is: 'admitted'; readonly id: DeviceId; readonly account: AccountId }
  | { readonly is: 'refused'; readonly code: RelayErrorCode };

interface AdmissionPorts {
  readonly mode: AdmissionMode;
  /** The relay's own origins; asked each time, for a port that is known only after listening. */
  readonly origins: () => readonly string[];
  readonly devices: DeviceStore;
  readonly hall: RendezvousHall;
  readonly clock: Clock;
}

/**
 * Who may connect (spec/relay.md, "Connecting"). The only file of the relay that uses cryptography, and all it does
 * is hash, verify and draw nonces.
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

  /** Judges what a connection showed for its own nonce. Throws only if the store fails. */
  async judge(serverNonce: ConnectNonce, shown: Authenticate): Promise<Judgement> {
    const id = deviceIdOf(shown.signingKey, shown.agreementKey);
    const message = connectMessage(serverNonce, shown.clientNonce, id, shown.origin);
    if (!verifies(shown.signingKey, signedBytes('relay-connect', message), shown.signature)) {
      return { is: 'refused', code: 'bad-signature' };
    }
    if (!this.#ports.origins().includes(shown.origin)) return { is: 'refused', code: 'wrong-origin' };
    const account = await this.#ports.devices.accountOf(id);
    if (account) return { is: 'admitted', id, account };
    // An open relay keeps no list, so that closing it later does not leave strangers on one.
    if (this.#ports.mode === 'open') return { is: 'admitted', id, account: parseAccountId(id) };
    return shown.grant ? this.#judgeGrant(shown.grant, id, shown) : { is: 'refused', code: 'not-admitted' };
  }

  /** Knows a device from now on, by the operator's word. */
  async admit(device: { signingKey: SigningPublicKey; agreementKey: AgreementPublicKey }): Promise<DeviceId> {
    const id = deviceIdOf(device.signingKey, device.agreementKey);
    const { signingKey, agreementKey } = device;
    const createdAt = this.#ports.clock.now();
    await this.#ports.devices.add({
      id,
      signingKey,
      agreementKey,
      admittedBy: null,
      admittedVia: 'operator',
      createdAt,
    });
    return id;
  }

  async #judgeGrant(rendezvous: Grant, id: DeviceId, shown: Authenticate): Promise<Judgement> {
    const { hall, devices, clock } = this.#ports;
    const grant = hall.takeGrant(rendezvous, id);
    if (!grant) return { is: 'refused', code: 'not-admitted' };
    await devices.add({
      id,
      signingKey: shown.signingKey,
      agreementKey: shown.agreementKey,
      admittedBy: grant.openedBy,
      admittedVia: 'open-rendezvous',
      createdAt: clock.now(),
    });
    // The rendezvous may have been closed while the store wrote.
    const account = await devices.accountOf(id);
    if (account && !grant.withdrawn) return { is: 'admitted', id, account };
    await devices.withdraw(id);
    return { is: 'refused', code: 'not-admitted' };
  }
}

/** The id that a device's two keys make (spec/devices.md, "Device id"). */
export function deviceIdOf(signing: SigningPublicKey, agreement: AgreementPublicKey): DeviceId {
  const hash = createHash('sha256').update(deviceIdPreimage(signing, agreement)).digest();
  return parseDeviceId(new Uint8Array(hash.subarray(0, 16)));
}

function verifies(key: SigningPublicKey, message: Uint8Array, signature: Uint8Array): boolean {
  if (!isWellFormedSignature(key, signature)) return false;
  try {
    const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: toBase64Url(key) }, format: 'jwk' });
    return verify(null, message, publicKey, signature);
  } catch {
    // A key that is no point of the curve.
    return false;
  }
}
