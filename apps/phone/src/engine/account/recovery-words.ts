/** What the list of words is needed for: fetched by a page when somebody makes recovery words, or has only those. */
import { addPaperKey, newRecoveryPhrase, type RecoveryPhrase, replacePaperKey } from '@palmkey/core/account';
import type { Primitives } from '@palmkey/core/crypto';
import type { AccountDesk } from './account-desk.ts';
import { AccountError } from './account-error.ts';
import { accountNameOf } from './account-name.ts';

export { Rejoin } from './rejoin.ts';

/** What recovery words are called among the devices of an account. */
const WORDS_NAME = 'Recovery words';

/** New recovery words, from their making until they are the account's. */
export class RecoveryWords {
  readonly #primitives: Primitives;
  /** Words that were made and not kept. */
  #words: RecoveryPhrase | null = null;

  constructor(primitives: Primitives) {
    this.#primitives = primitives;
  }

  /** Twelve new words, of which nothing is kept or posted before {@link RecoveryWords.keep}. */
  make(): readonly string[] {
    this.#words = newRecoveryPhrase(this.#primitives);
    return this.#words.split(' ');
  }

  drop(): void {
    this.#words = null;
  }

  /** Makes the words that were made last the account's. Throws {@link AccountError}, and what the relay says. */
  async keep({ acts, account }: Pick<AccountDesk, 'acts' | 'account'>): Promise<void> {
    const words = this.#words;
    if (words === null) throw new AccountError('no-words');
    await acts.perform(async (actor, state, key) => {
      const { names } = account;
      const naming = { name: accountNameOf(WORDS_NAME, names), names };
      if (state.active.every(({ kind }) => kind !== 'paper')) {
        const act = await addPaperKey(actor, state, key, words, naming);
        return { act, facts: [act.paper.id, act.facts] };
      }
      const act = await replacePaperKey(actor, state, key, words, naming);
      return { act, facts: [act.paper.id, act.facts], perUserKey: act.perUserKey };
    });
    this.#words = null;
  }
}
