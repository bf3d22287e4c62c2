import type { JoiningModel, JoiningSuite, RecoveredAccount } from '../../model/account-view.ts';
import type { Rejoin } from '../account/rejoin.ts';
import type { SessionDoor } from '../session-door.ts';
import { NotReadyError } from '../session-errors.ts';
import type { SessionFlows } from '../session-flows.ts';
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
    this.#flows?.letIn?.cancel();
  }

  dismissLetIn(): void {
    this.#flows?.letIn?.dismiss();
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
    this.#flows?.join.cancel();
  }

  dismissJoin(): void {
    this.#flows?.join.dismiss();
  }

  rejoin(words: string, relay: string | null): Promise<RecoveredAccount> {
    return this.#onRejoin((rejoin) => rejoin.find(words, relay ?? this.#origin));
  }

  async confirmRejoin(name: string): Promise<void> {
    await this.#onRejoin((rejoin) => rejoin.confirm(name));
  }

  cancelRejoin(): void {
    this.#flows?.cancelRejoin();
  }

  /** The page goes away. */
  interrupt(): void {
    this.#flows?.join.interrupt();
    this.#flows?.letIn?.interrupt();
  }

  /** Also while the app is locked: whatever is left can be left then too. */
  get #flows(): SessionFlows | null {
    return this.#door.session?.flows ?? null;
  }

  /** Null before there is an account, and while the app is locked. */
  get #letInFlow(): LaterLetInFlow | null {
    return this.#door.unlocked?.flows?.letIn ?? null;
  }

  /** Null once there is a device. */
  get #joinFlow(): LaterJoinFlow | null {
    const { session } = this.#door;
    return session?.conversation === null ? (session.flows?.join ?? null) : null;
  }

  /** Only a browser without anything joins. */
  #onRejoin<R>(work: (rejoin: Rejoin) => Promise<R>): Promise<R> {
    return this.#door.actLocked(async (session) => {
      const rejoin = (await session.flows?.rejoin()) ?? null;
      if (rejoin === null || session.conversation !== null || session.flows?.join.isUncertain === true)
        throw new NotReadyError('a device already');
      return work(rejoin);
    });
  }
}
