import type { PassphraseStream } from '@palmkey/core/account';
import { PalmkeyError } from '@palmkey/envelope';
import type { PhoneSnapshot } from '../model/model.ts';
import { NoticeKeeper } from '../notices/notice-keeper.ts';
import { StoreError } from '../store/store.ts';
import { VaultStore } from '../store/vault-store.ts';
import type { StaysOpen } from './lock/app-lock.ts';
import { answerWorker } from './page-words.ts';
import { PassphraseDesk } from './passphrase/passphrase-desk.ts';
import type { PhoneState } from './phone-state.ts';
import type { HeldLock, PhonePorts } from './ports.ts';
import { Session } from './session.ts';
import { SessionDoor } from './session-door.ts';
import { NotReadyError } from './session-errors.ts';
import { TabTurn } from './tab-turn.ts';

/** A store with its passphrase. */
interface ShutStore {
  readonly vault: VaultStore;
  readonly passphrase: PassphraseDesk;
}

/**
 * The phases of this tab, and its session while it is the one that answers: waits for its turn, opens the store, by the
 * passphrase where there is one, and gives way to another tab, or to the service worker.
 */
export class TabSession {
  readonly door: SessionDoor;
  readonly #ports: PhonePorts;
  readonly #state: PhoneState;
  readonly #onOpen: () => void;
  readonly #turn: TabTurn;
  /** Of the session: shows what waits while nobody looks. */
  #notices: NoticeKeeper | null = null;
  /** Aborts when the session does, or what is to become one. */
  #ended = new AbortController();
  /** The session that is being opened, or was last: another one is opened after it, as both fill the same state. */
  #opening: Promise<unknown> = Promise.resolve();
  /** Opened, and locked by the passphrase: no session before that is given. */
  #shut: ShutStore | null = null;
  /** Of the passphrase that an earlier session of this page has opened: it is not asked for again. */
  #stream: PassphraseStream | null = null;
  /** Of the app lock, while the worker has the connection. */
  #staysOpen: StaysOpen | null = null;

  /** `onOpen`: a session is there, or can do more than before. */
  constructor(ports: PhonePorts, state: PhoneState, onOpen: () => void) {
    this.#ports = ports;
    this.#state = state;
    this.#onOpen = onOpen;
    this.door = new SessionDoor((error) => this.#broken(error));
    this.#turn = new TabTurn(ports, {
      onElsewhere: () => this.#enter({ is: 'elsewhere' }),
      onLost: () => {
        this.#endSession();
        // The next free turn is this tab's, for instance when the other one closes.
        this.#try(() => this.#waitForTurn({ steal: false }));
      },
    });
    ports.page.onWake(() => this.door.session?.conversation?.wake());
    ports.page.onVisible((visible) => {
      this.door.session?.lock.setVisible(visible);
      void this.#notices?.sync();
    });
    state.subscribe(() => void this.#notices?.sync());
    answerWorker(ports, {
      isOurs: () => this.#turn.held !== null,
      mustStay: () => this.#mustStay,
      wake: () => this.door.session?.conversation?.wake(),
      giveWay: () => this.#giveWay(),
      decide: (hash, decision) => this.door.actLocked((session) => session.decideFromNotice(hash, decision)),
    });
  }

  /** Begins; what comes of it shows in the snapshot. */
  start(): void {
    this.#try(async () => {
      const missing = await this.#ports.missing();
      if (missing.length > 0) {
        this.#enter({ is: 'unsupported', missing });
        return;
      }
      this.#state.persistence = (await this.#ports.page.persisted().catch(() => false)) ? 'granted' : 'unknown';
      await this.#waitForTurn({ steal: false });
    });
  }

  /** Lets go of everything, as closing the tab does. */
  close(): void {
    this.#turn.stopWaiting();
    this.#endSession();
    this.#turn.letGo();
  }

  /** From phase `elsewhere`: takes the connection from the tab that has it. */
  useHere(): void {
    if (this.#state.phase.is === 'elsewhere') this.#try(() => this.#waitForTurn({ steal: true }));
  }

  /** Opens what the passphrase locks; false when it is another. Rejects with a {@link NotReadyError} where nothing is shut. */
  async open(passphrase: string): Promise<boolean> {
    const shut = this.#shut;
    const lock = this.#turn.held;
    if (shut === null || lock === null) throw new NotReadyError('nothing is shut');
    try {
      if (!(await shut.passphrase.open(passphrase))) return false;
    } catch (error) {
      if (error instanceof StoreError) this.#broken(error);
      throw error;
    }
    if (this.#shut === shut) await this.#orBroken(() => this.#startSession(lock, shut));
    this.door.session?.lock.openedByPassphrase();
    this.#onOpen();
    return true;
  }

  /** What is kept was changed under the session: another one takes it up. Rejects where that cannot be opened. */
  async reopen(): Promise<void> {
    const lock = this.#turn.held;
    this.#endSession();
    if (lock !== null) await this.#orBroken(() => this.#openSession(lock));
  }

  /** Deletes everything that is kept, on a device that was removed and where the passphrase is forgotten. */
  async beginAnew(): Promise<void> {
    if (this.#shut !== null) await this.#shut.vault.deleteAll();
    else
      await this.door.act(async (session) => {
        if (session.conversation?.account.keeper.isRemoved !== true) throw new NotReadyError('a device of an account');
        await session.forgetEverything();
      });
    await this.reopen();
  }

  /** The session has become a device of an account. */
  entered(): void {
    if (this.door.session === null) return;
    this.#enter({ is: this.door.session.conversation === null ? 'first-run' : 'ready' });
    this.#onOpen();
  }

  /** Waits until this tab is the one that answers, then opens the store and talks, until another tab takes over. */
  async #waitForTurn({ steal }: { readonly steal: boolean }): Promise<void> {
    this.#enter({ is: 'loading' });
    if (!(await this.#turn.take({ steal }))) return;
    const lock = this.#turn.held;
    if (lock !== null) await this.#openSession(lock);
  }

  async #openSession(lock: HeldLock): Promise<void> {
    this.#enter({ is: 'loading' });
    const vault = new VaultStore(await this.#ports.openStore((error) => this.#broken(error)));
    const onChange = (): void => this.#state.publish();
    const passphrase = await PassphraseDesk.at({ ports: this.#ports, vault, onChange });
    if (this.#stream !== null) await passphrase.openAgain(this.#stream);
    if (this.#turn.held !== lock) {
      vault.close();
      return;
    }
    if (!passphrase.isShut) {
      await this.#startSession(lock, { vault, passphrase });
      return;
    }
    this.#shut = { vault, passphrase };
    this.#enter({ is: 'passphrase' });
  }

  async #startSession(lock: HeldLock, { vault, passphrase }: ShutStore): Promise<void> {
    this.#shut = null;
    const { board, page } = this.#ports;
    const ended = this.#ended.signal;
    const isOurs = (): boolean => this.#turn.held === lock && !ended.aborted;
    await this.#opening.catch(() => undefined);
    if (!isOurs()) {
      vault.close();
      return;
    }
    const opening = Session.open({
      ports: this.#ports,
      state: this.#state,
      store: vault,
      registers: true,
      joining: this.#ports,
      passphrase,
      onJoined: () => this.entered(),
      alive: isOurs,
      onFault: (error) => {
        // What a former session had begun finds its store closed, which is no fault of this one.
        if (!ended.aborted) this.#fault(error);
      },
    });
    this.#opening = opening;
    const session = await opening;
    if (!isOurs()) {
      session.close();
      this.#state.clear();
      return;
    }
    this.door.session = session;
    const mayShow = (): boolean => !page.visible() && this.#state.notices.on;
    this.#notices = new NoticeKeeper({ board, state: this.#state, mayShow });
    if (this.#staysOpen !== null) session.lock.goOn(this.#staysOpen);
    this.#staysOpen = null;
    if (page.visible()) session.lock.setVisible(true);
    this.entered();
  }

  /** Whether the worker could not go on with what this page does: a pairing, and everything that a passphrase locks. */
  get #mustStay(): boolean {
    const { conversation = null, passphrase = null } = this.door.session ?? {};
    return conversation?.pairing.running === true || passphrase?.isOn === true;
  }

  /** Out of sight this page may be frozen at any moment: the worker is the better one to answer. */
  #giveWay(): void {
    this.#staysOpen = this.door.session?.lock.stays() ?? null;
    this.#endSession();
    this.#turn.letGo();
    this.#try(() => this.#waitForTurn({ steal: false }));
  }

  #endSession(): void {
    if (this.door.session !== null) this.#stream = this.door.session.passphrase?.stream ?? null;
    this.#ended.abort();
    this.#ended = new AbortController();
    this.#shut?.vault.close();
    this.#shut = null;
    this.door.session?.close();
    this.door.session = null;
    this.#notices = null;
    this.#state.clear();
  }

  /** Something that nobody waits for. */
  #try(work: () => Promise<void>): void {
    work().catch((error: unknown) => this.#broken(error));
  }

  /** Something that was to become a session: where it fails, there is nothing to go on with. */
  async #orBroken(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#broken(error);
      throw error;
    }
  }

  /** What nobody waited for failed: without a store there is no going on; anything else is for the console. */
  #fault(error: unknown): void {
    if (error instanceof StoreError) this.#broken(error);
    else void Promise.reject(error instanceof Error ? error : new Error('fault', { cause: error }));
  }

  #broken(error: unknown): void {
    this.#endSession();
    const reason = error instanceof StoreError ? error.code : 'store-failed';
    this.#enter({ is: 'broken', reason });
    if (!(error instanceof PalmkeyError)) throw error;
  }

  #enter(phase: PhoneSnapshot['phase']): void {
    this.#state.phase = phase;
    this.#state.publish();
  }
}
