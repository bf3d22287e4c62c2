import { equal } from '@palmkey/envelope';
import type { UserKey } from '../keyring/user-key.ts';
import type { HexId } from '../model/hex-id.ts';
import type { InboxDeps } from './inbox-parts.ts';
import type { Judging } from './judge.ts';

/** Whose the key is that a request asks for: this phone's, perhaps another phone's, or nobody's. */
export class KnownKeys {
  readonly #deps: Pick<InboxDeps, 'ports' | 'state' | 'protocol'>;
  /** Keys that were taken away while this page is open: a computer may not know yet. */
  readonly #removed: Uint8Array[] = [];

  constructor(deps: Pick<InboxDeps, 'ports' | 'state' | 'protocol'>) {
    this.#deps = deps;
  }

  /** This phone's key is no more: from here on it is nobody's. */
  remove({ blob }: UserKey): void {
    this.#removed.push(blob);
  }

  /** What a request of this computer is judged with now. */
  judging(host: HexId): Judging {
    const { ports, state, protocol } = this.#deps;
    // A computer that asks every phone asks for others' keys too.
    const asksEvery = (protocol(host) ?? 1) >= 2;
    return {
      verify: ports.verifyHostKey,
      now: ports.clock.now(),
      keyFor: (blob) => {
        const key = state.keys.find((each) => equal(each.blob, blob));
        if (key !== undefined) return key;
        return asksEvery && !this.#removed.some((removed) => equal(removed, blob)) ? 'elsewhere' : 'unknown';
      },
    };
  }
}
