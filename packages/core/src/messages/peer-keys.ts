import type { AgreementPublicKey } from '@palmkey/envelope';
import { toHex } from '@palmkey/envelope';
import type { BoxKey, KeyAgreement } from '../crypto/index.ts';
import { boxKey } from '../crypto/index.ts';

/** More peers than anybody has; beyond it the oldest key is agreed on again. */
const MAX_KEYS = 256;

/** The box keys between this device and its peers, each agreed on once: an agreement costs more than all the rest of a message. */
export class PeerKeys {
  readonly #agreement: KeyAgreement;
  readonly #keys = new Map<string, BoxKey>();

  constructor(agreement: KeyAgreement) {
    this.#agreement = agreement;
  }

  /** The box key with that peer; throws `OpenError` for a key that agrees on nothing. */
  async with(peer: AgreementPublicKey): Promise<BoxKey> {
    const name = toHex(peer);
    const known = this.#keys.get(name);
    if (known) return known;
    const key = boxKey(await this.#agreement.sharedSecret(peer));
    const oldest = this.#keys.keys().next();
    if (this.#keys.size >= MAX_KEYS && oldest.done !== true) this.#keys.delete(oldest.value);
    this.#keys.set(name, key);
    return key;
  }
}
