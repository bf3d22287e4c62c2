import type { MovingModel, NewRelay } from '../../model/account-view.ts';
import type { SignInForm } from '../../model/model.ts';
import type { SessionDoor } from '../session-door.ts';
import { NotReadyError } from '../session-errors.ts';
import type { MoveDesk } from './move-desk.ts';

/** What a person does about the account's way to another relay. */
export class OnMoving implements MovingModel {
  readonly #door: SessionDoor;

  constructor(door: SessionDoor) {
    this.#door = door;
  }

  look(relay: string, invitation: string | null): Promise<NewRelay> {
    return this.#act((desk) => desk.look(relay, invitation));
  }

  signIn(): Promise<SignInForm> {
    return this.#act((desk) => desk.signIn());
  }

  async begin(): Promise<void> {
    await this.#act((desk) => desk.begin());
  }

  async cancel(): Promise<void> {
    await this.#act((desk) => desk.cancel());
  }

  async stay(): Promise<void> {
    await this.#act((desk) => desk.stay());
  }

  dismiss(): void {
    this.#door.session?.conversation?.moving.dismiss();
  }

  async endFormer(tell: boolean): Promise<void> {
    await this.#act((desk) => desk.endFormer(tell));
  }

  #act<R>(work: (desk: MoveDesk) => Promise<R>): Promise<R> {
    return this.#door.act(({ conversation }) => {
      if (conversation === null) throw new NotReadyError('no account');
      return work(conversation.moving);
    });
  }
}
