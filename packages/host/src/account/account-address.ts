import type { AccountFile } from '../state/account-file.ts';

/**
 * Where the account's relay is found: as it is kept, since the account has moved, and while it is looked for elsewhere.
 */
export class AccountAddress {
  readonly #file: AccountFile;
  /** The relays that are looked at, since the account is said to be there; one may be twice. */
  #tried: readonly string[] = [];

  constructor(file: AccountFile) {
    this.#file = file;
  }

  /** The origin by which a relay is dialled since the account has moved; null: as before. */
  dialledSinceMove(relay: string): string | null {
    const { chain, moved } = this.#file;
    if (this.#tried.includes(relay)) return relay;
    if (chain === null || moved === null || moved.from === chain.relay) return null;
    if (relay === chain.relay) return relay;
    return moved.isSame && relay === moved.from ? chain.relay : null;
  }

  /** The relay that the account has left, as phones dialled it; null where it has left none, or only its address. */
  get former(): string | null {
    const { moved } = this.#file;
    return moved?.isSame === false ? moved.from : null;
  }

  /** That relay is dialled as it is called, wherever else loopback leads, until the result is disposed. */
  tryAt(relay: string): Disposable {
    this.#tried = [...this.#tried, relay];
    return {
      [Symbol.dispose]: () => {
        this.#tried = this.#tried.toSpliced(this.#tried.indexOf(relay), 1);
      },
    };
  }

  /**
   * The account is where it was, by a move of that number.
   * @throws StateError
   */
  noteMove(n: number): void {
    const { chain, moved } = this.#file;
    if (chain === null) return;
    const { relay, pin, signed } = chain;
    this.#file.move(relay, { n, from: moved?.from ?? relay, isSame: moved?.isSame ?? true }, [], { pin, signed });
  }
}
