import type { JoiningModel, JoiningSuite, RecoveredAccount } from '../../model/account-view.ts';
import type { Rejoin } from '../account/rejoin.ts';
import type { SessionDoor } from '../session-door.ts';
import { NotReadyError } from '../session-errors.ts';
import type { LaterJoinFlow, LaterLetInFlow } from './later-flows.ts';

/** What a person does on both sides of joining: lets a device in, or has this one join, also by recovery words. */
export class OnJoining implements JoiningModel {
  readonly #door: SessionDoor;
  readonly #origin: string;

  /** `origin`: the relay that the app came from. */
  constructor(door: SessionDoor, origin: string) {
    this.#door = door;
    this.#origin = origin;
  }

  letDeviceIn(how: JoiningSuite): void {
    this.#letInFlow?.letIn(how);
  }

  enterSecret(text: string): void {
    this.#letInFlow?.enter(text);
  }

  answerNewcomer(yes: boolean): void {
    this.#letInFlow?.answer(yes);
  }

  cancelLetIn(): void {
    this.#door.session?.letInFlow?.cancel();
  }

  dismissLetIn(): void {
    this.#door.session?.letInFlow?.dismiss();
  }

  join(text: string): void {
    this.#joinFlow?.join(text);
  }

  showSecret(): void {
    this.#joinFlow?.showSecret();
  }

  nameDevice(name: string): void {
    this.#joinFlow?.name(name);
  }

  cancelJoin(): void {
    this.#door.session?.joinFlow?.cancel();
  }

  dismissJoin(): void {
    this.#door.session?.joinFlow?.dismiss();
  }

  rejoin(words: string, relay: string | null): Promise<RecoveredAccount> {
    return this.#onRejoin((rejoin) => rejoin.find(words, relay ?? this.#origin));
  }

  async confirmRejoin(name: string): Promise<void> {
    await this.#onRejoin((rejoin) => rejoin.confirm(name));
  }

  cancelRejoin(): void {
    this.#door.session?.cancelRejoin();
  }

  /** The page goes away. */
  interrupt(): void {
    this.#door.session?.joinFlow?.interrupt();
    this.#door.session?.letInFlow?.interrupt();
  }

  /** Null before there is an account, and while the app is locked. */
  get #letInFlow(): LaterLetInFlow | null {
    return this.#door.unlocked?.letInFlow ?? null;
  }

  /** Null once there is a device. */
  get #joinFlow(): LaterJoinFlow | null {
    const { session } = this.#door;
    return session?.conversation === null ? session.joinFlow : null;
  }

  /** Only a browser without anything joins. */
  #onRejoin<R>(work: (rejoin: Rejoin) => Promise<R>): Promise<R> {
    return this.#door.actLocked(async (session) => {
      const rejoin = await session.rejoin();
      if (rejoin === null || session.conversation !== null || session.joinFlow?.isUncertain === true)
        throw new NotReadyError('a device already');
      return work(rejoin);
    });
  }
}
