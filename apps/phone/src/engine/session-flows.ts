import type { PassphraseStream } from '@palmkey/core/account';
import type { LettingInView } from '../model/account-view.ts';
import type { RecoveryWords } from './account/recovery-words.ts';
import type { Rejoin } from './account/rejoin.ts';
import type { Conversation } from './conversation.ts';
import type { JoinFlowDeps } from './joining/join-flow.ts';
import { LaterJoinFlow, type LaterLetInFlow } from './joining/later-flows.ts';
import type { SavedJoin } from './joining/saved-join.ts';
import type { PassphraseDesk } from './passphrase/passphrase-desk.ts';
import type { PhoneState } from './phone-state.ts';

/** What the flows work with. */
export interface SessionFlowsDeps extends Pick<JoinFlowDeps, 'ports' | 'onFault'> {
  readonly state: PhoneState;
  readonly saved: SavedJoin;
  readonly passphrase: PassphraseDesk | null;
  /** The store has a device since it joined. */
  readonly onJoined: () => Promise<void>;
}

/**
 * What a person goes with a session once in a while: joining, letting devices in, recovery words; fetched when it is
 * wanted.
 */
export class SessionFlows {
  readonly join: LaterJoinFlow;
  readonly #deps: SessionFlowsDeps;
  #letIn: LaterLetInFlow | null = null;
  #rejoin: Rejoin | null = null;
  #words: RecoveryWords | null = null;
  /** Aborts when rejoining is cancelled, be it fetched or not. */
  #rejoining = new AbortController();

  constructor(deps: SessionFlowsDeps) {
    const { ports, state, saved, onJoined, onFault } = deps;
    this.#deps = deps;
    this.join = new LaterJoinFlow({
      ports,
      saved,
      show: (view) => {
        state.joining = view;
        state.publish();
      },
      onJoined,
      onFault,
    });
  }

  /** Null before there is an account. */
  get letIn(): LaterLetInFlow | null {
    return this.#letIn;
  }

  /** There is an account: others can be let into it. */
  openTo(conversation: Conversation): void {
    const { ports, passphrase, state } = this.#deps;
    const show = (view: LettingInView): void => {
      state.lettingIn = view;
      state.publish();
    };
    const stream = (): PassphraseStream | null => passphrase?.stream ?? null;
    this.#letIn ??= conversation.letInFlow(ports, stream, show);
  }

  /**
   * By recovery words; null where it was cancelled, or the session has ended, meanwhile. Throws where it cannot be
   * fetched.
   */
  async rejoin(): Promise<Rejoin | null> {
    const { ports, saved, onJoined } = this.#deps;
    const { signal } = this.#rejoining;
    const { Rejoin } = await ports.fetchFlows.words();
    if (signal.aborted) return null;
    this.#rejoin ??= new Rejoin({ ports, saved, onJoined, onUncertain: () => this.join.resume() });
    return this.#rejoin;
  }

  cancelRejoin(): void {
    this.#rejoining.abort();
    this.#rejoining = new AbortController();
    this.#rejoin?.cancel();
  }

  /** New recovery words. Throws where it cannot be fetched. */
  async words(): Promise<RecoveryWords> {
    const { ports } = this.#deps;
    const { RecoveryWords } = await ports.fetchFlows.words();
    this.#words ??= new RecoveryWords(ports.primitives);
    return this.#words;
  }

  dropWords(): void {
    this.#words?.drop();
  }

  close(): void {
    this.cancelRejoin();
    this.join.close();
    this.#letIn?.close();
    this.#rejoin?.close();
    this.dropWords();
  }
}
