import { toBase64Url } from '@palmkey/envelope';
import type { BiometricRow } from '../../store/schema.ts';
import { COSE_EDDSA } from '../lock/biometric.ts';
import type { Biometric, BiometricAnswer } from '../ports.ts';

/** A platform authenticator with one credential; named faults say what it does wrong. */
export class FakeBiometric implements Biometric {
  readonly #origin: string;
  #pair: CryptoKeyPair | null = null;
  /** The person is not recognised, or says no. */
  refuses = false;
  /** It answers without having looked at the person. */
  unverified = false;
  /** It answers another challenge. */
  stale = false;

  constructor(origin: string) {
    this.#origin = origin;
  }

  async create(): Promise<BiometricRow> {
    if (this.refuses) throw new Error('no');
    this.#pair = await crypto.subtle.generateKey({ name: 'Ed25519' }, false, ['sign', 'verify']);
    const publicKey = new Uint8Array(await crypto.subtle.exportKey('spki', this.#pair.publicKey));
    return { credentialId: Uint8Array.of(1), publicKey, algorithm: COSE_EDDSA };
  }

  async ask(_credentialId: Uint8Array, challenge: Uint8Array): Promise<BiometricAnswer> {
    if (this.refuses || this.#pair === null) throw new Error('no');
    const asked = toBase64Url(this.stale ? new Uint8Array(32) : challenge);
    const text = JSON.stringify({ type: 'webauthn.get', challenge: asked, origin: this.#origin });
    const clientData = new TextEncoder().encode(text);
    const sha256 = async (bytes: Uint8Array<ArrayBuffer>) =>
      new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    const place = await sha256(new TextEncoder().encode(new URL(this.#origin).hostname));
    const authenticatorData = new Uint8Array([...place, this.unverified ? 1 : 5, 0, 0, 0, 0]);
    const signed = new Uint8Array([...authenticatorData, ...(await sha256(clientData))]);
    const signature = new Uint8Array(await crypto.subtle.sign('Ed25519', this.#pair.privateKey, signed));
    return { authenticatorData, clientData, signature };
  }
}
