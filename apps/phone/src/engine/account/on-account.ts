import { fromHex, parseDeviceId } from '@palmkey/envelope';
import type { AccountModel } from '../../model/account-view.ts';
import type { HexId } from '../../model/hex-id.ts';
import type { SessionDoor } from '../session-door.ts';
import { NotReadyError } from '../session-errors.ts';
import type { AccountDesk } from './account-desk.ts';
import type { RecoveryWords } from './recovery-words.ts';

/** What a person does with their account, once there is one. */
export class OnAccount implements AccountModel {
  readonly #door: SessionDoor;

  constructor(door: SessionDoor) {
    this.#door = door;
  }

  async check(): Promise<void> {
    await this.#act((account) => account.check());
  }

  async revoke(id: HexId): Promise<void> {
    await this.#act((account) => account.acts.revoke([parseDeviceId(fromHex(id))]));
  }

  newWords(): Promise<readonly string[]> {
    return this.#onWords((words) => Promise.resolve(words.make()));
  }

  async keepWords(): Promise<void> {
    await this.#onWords((words, account) => words.keep(account));
  }

  dropWords(): void {
    this.#door.session?.flows?.dropWords();
  }

  #act<R>(work: (account: AccountDesk) => Promise<R>): Promise<R> {
    return this.#door.act(({ conversation }) => {
      if (conversation === null) throw new NotReadyError('no account');
      return work(conversation.account);
    });
  }

  #onWords<R>(work: (words: RecoveryWords, account: AccountDesk) => Promise<R>): Promise<R> {
    return this.#door.act(async (session) => {
      const words = await session.flows?.words();
      const account = session.conversation?.account;
      if (words === undefined || account === undefined) throw new NotReadyError('no account');
      return work(words, account);
    });
  }
}
