import type { UserKey } from '@palmkey/core/pairing';
import { fingerprint } from '@palmkey/core/ssh';
import { equal } from '@palmkey/envelope';
import type { Clock } from '../clock.ts';
import type { Pairing, PairingStore } from '../state/pairing-store.ts';
import type { KeyUses, Place } from './key-uses.ts';

export interface RememberedKeysOptions {
  readonly uses: KeyUses;
  readonly pairings: PairingStore;
  readonly clock: Clock;
  readonly onFault: (error: unknown) => void;
}

/** Phones' keys are remembered beyond their pairing, with where they were used: they have to go from servers too. */
export class RememberedKeys {
  readonly #options: RememberedKeysOptions;

  constructor(options: RememberedKeysOptions) {
    this.#options = options;
  }

  /** The keys of a phone, before it is forgotten or has others. */
  keep({ peer, userKeys }: Pick<Pairing, 'peer' | 'userKeys'>): void {
    const named = ({ blob, comment }: UserKey) => ({ blob, comment, phone: peer.name });
    this.#remember(() => this.#options.uses.keep(userKeys.map(named)));
  }

  /** A key has signed for somebody who knows it. */
  used(key: Uint8Array, place: Place): void {
    const { uses, pairings, clock } = this.#options;
    const holder = pairings.list().find(({ userKeys }) => userKeys.some(({ blob }) => equal(blob, key)));
    if (holder !== undefined) this.keep(holder);
    this.#remember(() => uses.learn(fingerprint(key), place, clock.now()));
  }

  /** What cannot be written is no reason to lose a login. */
  #remember(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#options.onFault(error);
    }
  }
}
