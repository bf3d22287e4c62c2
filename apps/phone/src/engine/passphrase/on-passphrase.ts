import type { PassphraseModel } from '../../model/model.ts';
import type { SessionDoor } from '../session-door.ts';
import { NotReadyError } from '../session-errors.ts';
import type { PassphraseDesk } from './passphrase-desk.ts';

/** How the session is opened, and opened again: see `TabSession`. */
interface Opening {
  open(passphrase: string): Promise<boolean>;
  reopen(): Promise<void>;
}

/** What a person does with the passphrase. */
export class OnPassphrase implements PassphraseModel {
  readonly #door: SessionDoor;
  readonly #opening: Opening;

  constructor(door: SessionDoor, opening: Opening) {
    this.#door = door;
    this.#opening = opening;
  }

  open(passphrase: string): Promise<boolean> {
    return this.#opening.open(passphrase);
  }

  async set(passphrase: string): Promise<void> {
    await this.#act((desk) => desk.set(passphrase));
  }

  change(former: string, passphrase: string): Promise<boolean> {
    return this.#act((desk) => desk.change(former, passphrase));
  }

  remove(former: string): Promise<boolean> {
    return this.#act((desk) => desk.remove(former));
  }

  async renewDevice(): Promise<void> {
    await this.#door.act((session) => session.renewDevice());
    await this.#opening.reopen();
  }

  #act<R>(work: (desk: PassphraseDesk) => Promise<R>): Promise<R> {
    return this.#door.act(({ passphrase }) => {
      if (passphrase === null) throw new NotReadyError('no passphrase here');
      return work(passphrase);
    });
  }
}
