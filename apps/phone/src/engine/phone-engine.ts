/**
 * A method for each thing that a person does, as the model has it, and the phases in which it can be done: in one file,
 * although it is long, since what a phase allows is read together.
 */
import type { PassphraseStream } from '@palmkey/core/account';
import { fromHex, PalmkeyError, parseDeviceId } from '@palmkey/envelope';
import type { JoiningSuite, NewRelay, RecoveredAccount } from '../model/account-view.ts';
import type { HexId } from '../model/hex-id.ts';
import type {
  AdmissionWay,
  KeyType,
  NoticesView,
  PermissionGrant,
  PhoneModel,
  PhoneSnapshot,
  SignInForm,
} from '../model/model.ts';
import { NoticeKeeper } from '../notices/notice-keeper.ts';
import { testNotice } from '../notices/notice-words.ts';
import { StoreError } from '../store/store.ts';
import { VaultStore } from '../store/vault-store.ts';
import type { AccountDesk } from './account/account-desk.ts';
import type { RecoveryWords } from './account/recovery-words.ts';
import type { Rejoin } from './account/rejoin.ts';
import { CONNECTION_LOCK } from './connection-turn.ts';
import type { LaterJoinFlow, LaterLetInFlow } from './joining/later-flows.ts';
import type { StaysOpen } from './lock/app-lock.ts';
import type { MoveDesk } from './moving/move-desk.ts';
import type { Word } from './neighbours.ts';
import { readLink } from './pairing-flow.ts';
import { PassphraseDesk } from './passphrase/passphrase-desk.ts';
import { PhoneState } from './phone-state.ts';
import type { HeldLock, PhonePorts } from './ports.ts';
import { Session } from './session.ts';

/** So long another tab may hold the lock before this one says so: a reload's former page lets go sooner. */
const ELSEWHERE_AFTER_MS = 400;

/** A store with its passphrase. */
interface ShutStore {
  readonly vault: VaultStore;
  readonly passphrase: PassphraseDesk;
}

/** What was asked for cannot be done now: before the first run, or while another tab answers. */
export class NotReadyError extends PalmkeyError {
  override readonly name = 'NotReadyError';
  readonly code = 'not-ready';
}

/** The app is locked: nothing of it can be used before it is opened. */
export class LockedError extends PalmkeyError {
  override readonly name = 'LockedError';
  readonly code = 'locked';
}

/** The phone behind the screens: its phases, and the session while this tab is the one that answers. */
export class PhoneEngine implements PhoneModel {
  readonly #ports: PhonePorts;
  readonly #state = new PhoneState();
  #session: Session | null = null;
  #lock: HeldLock | null = null;
  /** Of the session: shows what waits while nobody looks. */
  #notices: NoticeKeeper | null = null;
  /** Ends the wait for the lock. */
  #waiting = new AbortController();
  /** A link that was opened before there was anybody to pair. */
  #pendingLink: { readonly text: string; readonly followed: boolean } | null = null;
  /** Aborts when the session does, or what is to become one. */
  #ended = new AbortController();
  /** Opened, and locked by the passphrase: no session before that is given. */
  #shut: ShutStore | null = null;
  /** Of the passphrase that an earlier session of this page has opened: it is not asked for again. */
  #stream: PassphraseStream | null = null;
  /** Of the app lock, while the worker has the connection. */
  #staysOpen: StaysOpen | null = null;

  constructor(ports: PhonePorts) {
    this.#ports = ports;
    ports.page.onWake(() => this.#session?.conversation?.wake());
    ports.page.onVisible((visible) => {
      this.#session?.lock.setVisible(visible);
      if (visible && this.#lock === null) ports.neighbours.say({ is: 'wanted' });
      void this.#notices?.sync();
    });
    ports.neighbours.onWord((word) => this.#hear(word));
    this.#state.subscribe(() => void this.#notices?.sync());
    ports.page.onLeave(() => {
      this.#session?.conversation?.pairing.interrupt();
      this.#session?.joinFlow?.interrupt();
      this.#session?.letInFlow?.interrupt();
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
      await this.#waitForTurn(false);
    });
  }

  /** Lets go of everything, as closing the tab does. */
  close(): void {
    this.#waiting.abort();
    this.#endSession();
    this.#lock?.release();
    this.#lock = null;
  }

  getSnapshot(): PhoneSnapshot {
    return this.#state.snapshot;
  }

  subscribe(listener: () => void): () => void {
    return this.#state.subscribe(listener);
  }

  async createAccountKey({ deviceName, keyName }: { deviceName: string; keyName: string }): Promise<void> {
    await this.#change((session) => session.createAccountKey(deviceName, keyName));
    this.#enterSession();
  }

  async addKey(name: string, type?: KeyType): Promise<void> {
    await this.#change((session) => session.addKey(name, type));
  }

  async renameKey(id: HexId, name: string): Promise<void> {
    await this.#change((session) => session.renameKey(id, name));
  }

  async renameDevice(name: string): Promise<void> {
    await this.#change((session) => session.renameDevice(name));
  }

  openLink(text: string, { followed } = { followed: false }): void {
    const pairing = this.#session?.conversation?.pairing;
    if (pairing !== undefined && this.#session?.lock.locked === false) {
      pairing.open(text, followed);
      return;
    }
    try {
      readLink(text);
      this.#pendingLink = { text, followed };
    } catch {
      this.#state.pairing = { is: 'failed', hostName: null, code: 'bad-link' };
      this.#state.publish();
    }
  }

  confirmLink(): void {
    if (this.#session?.lock.locked === false) this.#session.conversation?.pairing.confirm();
  }

  cancelPairing(): void {
    this.#pendingLink = null;
    this.#session?.conversation?.pairing.cancel();
  }

  dismissPairing(): void {
    const pairing = this.#session?.conversation?.pairing;
    if (pairing !== undefined) {
      pairing.dismiss();
      return;
    }
    this.#state.pairing = { is: 'none' };
    this.#state.publish();
  }

  async decide(hash: HexId, decision: 'approve' | 'reject' | 'pass', permission?: PermissionGrant): Promise<void> {
    await this.#change(async ({ conversation }) => conversation?.decide(hash, decision, permission));
  }

  gitText(hash: HexId, from: number, length: number): { text: string; total: number } {
    const inbox = this.#session?.lock.locked === false ? this.#session.conversation?.inbox : undefined;
    return inbox?.gitText(hash, from, length) ?? { text: '', total: 0 };
  }

  async removeKey(id: HexId): Promise<void> {
    await this.#change((session) => session.removeKey(id));
  }

  async revokePermission(id: HexId): Promise<void> {
    await this.#change((session) => session.revoke(id));
  }

  async revokeAllPermissions(): Promise<void> {
    await this.#change((session) => session.revoke(null));
  }

  async muteComputer(id: HexId, forMs: number): Promise<void> {
    await this.#change(async ({ conversation }) => conversation?.mute(id, this.#ports.clock.now() + forMs));
  }

  async unmuteComputer(id: HexId): Promise<void> {
    await this.#change(async ({ conversation }) => conversation?.mute(id, null));
  }

  async setLock(options: { code: string; afterMinutes: number; biometric: boolean }): Promise<void> {
    await this.#change((session) => session.lock.set(options));
  }

  async removeLock(code: string): Promise<boolean> {
    return this.#change((session) => session.lock.remove(code));
  }

  async unlock(code: string | null): Promise<boolean> {
    const opened = await this.#act((session) => session.lock.unlock(code));
    if (opened) this.#openPendingLink();
    return opened;
  }

  lockNow(): void {
    this.#session?.lock.lock();
  }

  async openWithPassphrase(text: string): Promise<boolean> {
    const [shut, lock] = [this.#shut, this.#lock];
    if (shut === null || lock === null) throw new NotReadyError('nothing is shut');
    try {
      if (!(await shut.passphrase.open(text))) return false;
      if (this.#shut === shut) await this.#startSession(lock, shut);
    } catch (error) {
      if (error instanceof StoreError) this.#broken(error);
      throw error;
    }
    this.#session?.lock.openedByPassphrase();
    this.#openPendingLink();
    return true;
  }

  async setPassphrase(text: string): Promise<void> {
    await this.#onPassphrase((passphrase) => passphrase.set(text));
  }

  async changePassphrase(former: string, text: string): Promise<boolean> {
    return this.#onPassphrase((passphrase) => passphrase.change(former, text));
  }

  async removePassphrase(former: string): Promise<boolean> {
    return this.#onPassphrase((passphrase) => passphrase.remove(former));
  }

  async renewDevice(): Promise<void> {
    await this.#change((session) => session.renewDevice());
    await this.#reopen();
  }

  async lookAtNotices(): Promise<void> {
    this.#state.pushStanding = await this.#ports.push.standing();
    this.#state.publish();
  }

  async switchNoticesOn(): Promise<void> {
    await this.#change(async ({ conversation }) => conversation?.waking.switchOn());
  }

  async switchNoticesOff(): Promise<void> {
    await this.#change(async ({ conversation }) => conversation?.waking.switchOff());
  }

  async setNotices({ shows, allowKeys }: Partial<Pick<NoticesView, 'shows' | 'allowKeys'>>): Promise<void> {
    const change = { ...(shows !== undefined && { shows }), ...(allowKeys !== undefined && { allowKeys }) };
    await this.#change((session) => session.setNotices(change));
  }

  async testNotice(): Promise<void> {
    await this.#ports.board.show(testNotice);
  }

  show(hash: HexId): void {
    this.#state.inFront = hash;
    this.#state.publish();
    this.useHere();
  }

  async admissionOf(relay: string): Promise<readonly AdmissionWay[] | null> {
    return (await this.#ports.askRelay(relay))?.admission ?? null;
  }

  async lookAtRelay(): Promise<void> {
    this.#state.asks = (await this.#session?.conversation?.admission.relayThatAsks()) ?? null;
    this.#state.publish();
  }

  async signInForm(relay: string): Promise<SignInForm | null> {
    return this.#session?.lock.locked === false
      ? ((await this.#session.conversation?.admission.signInForm(relay)) ?? null)
      : null;
  }

  async useInvitation(relay: string, code: string): Promise<void> {
    await this.#change(async ({ conversation }) => conversation?.admission.useInvitation(relay, code));
    if (typeof this.#state.asks === 'object' && this.#state.asks?.relay === relay) await this.lookAtRelay();
  }

  async invite(relay: string): Promise<{ code: string; endsAt: number }> {
    return this.#change(async ({ conversation }) => {
      if (conversation === null) throw new NotReadyError('no device');
      return conversation.admission.invite(relay);
    });
  }

  dismissAftermath(): void {
    this.#state.aftermath = null;
    this.#state.publish();
  }

  async forgetPin(host: { name: string; port: number }): Promise<void> {
    await this.#change((session) => session.forgetPin(host));
  }

  async renameComputer(id: HexId, name: string): Promise<void> {
    await this.#change(async ({ conversation }) => conversation?.renameComputer(id, name));
  }

  async unpair(id: HexId): Promise<void> {
    await this.#change(async ({ conversation }) => conversation?.unpair(id));
  }

  reconnect(): void {
    this.#session?.conversation?.wake();
  }

  async requestPersistence(): Promise<void> {
    this.#state.persistence = (await this.#ports.page.persist().catch(() => false)) ? 'granted' : 'refused';
    this.#state.publish();
  }

  async acknowledgeSecondWay(): Promise<void> {
    await this.#change((session) => session.acknowledgeSecondWay());
  }

  async exportFacts(): Promise<Blob> {
    return this.#change((session) => Promise.resolve(new Blob([session.facts()], { type: 'application/json' })));
  }

  async checkAccount(): Promise<void> {
    await this.#onAccount((account) => account.check());
  }

  async revokeDevice(id: HexId): Promise<void> {
    await this.#onAccount((account) => account.acts.revoke([parseDeviceId(fromHex(id))]));
  }

  async newWords(): Promise<readonly string[]> {
    return this.#onWords((words) => Promise.resolve(words.make()));
  }

  async keepWords(): Promise<void> {
    await this.#onWords((words, account) => words.keep(account));
  }

  dropWords(): void {
    this.#session?.dropWords();
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
    this.#session?.letInFlow?.cancel();
  }

  dismissLetIn(): void {
    this.#session?.letInFlow?.dismiss();
  }

  join(text: string): void {
    this.#joinFlow?.join(text);
  }

  showJoinSecret(): void {
    this.#joinFlow?.showSecret();
  }

  nameNewDevice(name: string): void {
    this.#joinFlow?.name(name);
  }

  cancelJoin(): void {
    this.#session?.joinFlow?.cancel();
  }

  dismissJoin(): void {
    this.#session?.joinFlow?.dismiss();
  }

  async rejoin(words: string, relay: string | null): Promise<RecoveredAccount> {
    return this.#onRejoin((rejoin) => rejoin.find(words, relay ?? this.#ports.page.origin));
  }

  async confirmRejoin(name: string): Promise<void> {
    await this.#onRejoin((rejoin) => rejoin.confirm(name));
  }

  cancelRejoin(): void {
    this.#session?.cancelRejoin();
  }

  lookAtNewRelay(relay: string, invitation: string | null): Promise<NewRelay> {
    return this.#onMoving((moving) => moving.look(relay, invitation));
  }

  async moveAccount(): Promise<void> {
    await this.#onMoving((moving) => moving.begin());
  }

  async cancelMove(): Promise<void> {
    await this.#onMoving((moving) => moving.cancel());
  }

  dismissMove(): void {
    this.#session?.conversation?.moving.dismiss();
  }

  async endFormerRelay(tell: boolean): Promise<void> {
    await this.#onMoving((moving) => moving.endFormer(tell));
  }

  async beginAnew(): Promise<void> {
    if (this.#shut !== null) await this.#shut.vault.deleteAll();
    else
      await this.#change(async (session) => {
        if (session.conversation?.account.keeper.isRemoved !== true) throw new NotReadyError('a device of an account');
        await session.forgetEverything();
      });
    await this.#reopen();
  }

  /** What is kept was changed under the session: another one takes it up. */
  async #reopen(): Promise<void> {
    const lock = this.#lock;
    this.#endSession();
    if (lock !== null) await this.#openSession(lock);
  }

  useHere(): void {
    if (this.#state.phase.is !== 'elsewhere') return;
    this.#waiting.abort();
    this.#try(() => this.#waitForTurn(true));
  }

  /** Waits until this tab is the one that answers, then opens the store and talks, until another tab takes over. */
  async #waitForTurn(steal: boolean): Promise<void> {
    const waiting = new AbortController();
    this.#waiting = waiting;
    this.#enter({ is: 'loading' });
    void this.#sayElsewhere(waiting.signal);
    let lock: HeldLock;
    try {
      const claimed = this.#ports.locks.acquire(CONNECTION_LOCK, { steal, signal: waiting.signal });
      if (this.#ports.page.visible()) this.#ports.neighbours.say({ is: 'wanted' });
      lock = await claimed;
    } catch (error) {
      if (waiting.signal.aborted) return;
      throw error;
    }
    waiting.abort();
    this.#lock = lock;
    void lock.lost.then(() => this.#onLost(lock));
    await this.#openSession(lock);
  }

  async #sayElsewhere(signal: AbortSignal): Promise<void> {
    try {
      await this.#ports.clock.after(ELSEWHERE_AFTER_MS, signal);
      this.#enter({ is: 'elsewhere' });
    } catch {
      // This tab's turn came first.
    }
  }

  async #openSession(lock: HeldLock): Promise<void> {
    this.#enter({ is: 'loading' });
    const vault = new VaultStore(await this.#ports.openStore((error) => this.#broken(error)));
    const onChange = (): void => this.#state.publish();
    const passphrase = await PassphraseDesk.at({ ports: this.#ports, vault, onChange });
    if (this.#stream !== null) await passphrase.openAgain(this.#stream);
    if (this.#lock !== lock) {
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
    const ended = this.#ended;
    const session = await Session.open({
      ports: this.#ports,
      state: this.#state,
      store: vault,
      registers: true,
      joining: this.#ports,
      passphrase,
      onJoined: () => this.#enterSession(),
      alive: () => this.#lock === lock && !ended.signal.aborted,
      onFault: (error) => {
        // What a former session had begun finds its store closed, which is no fault of this one.
        if (!ended.signal.aborted) this.#fault(error);
      },
    });
    if (this.#lock !== lock || ended.signal.aborted) {
      session.close();
      this.#state.clear();
      return;
    }
    this.#session = session;
    const { board, page } = this.#ports;
    const mayShow = (): boolean => !page.visible() && this.#state.notices.on;
    this.#notices = new NoticeKeeper({ board, state: this.#state, mayShow });
    if (this.#staysOpen !== null) session.lock.goOn(this.#staysOpen);
    this.#staysOpen = null;
    if (this.#ports.page.visible()) session.lock.setVisible(true);
    this.#enterSession();
  }

  #enterSession(): void {
    if (this.#session === null) return;
    this.#enter({ is: this.#session.conversation === null ? 'first-run' : 'ready' });
    this.#openPendingLink();
  }

  /** What the worker says. It is told only by the page that has the connection, or by one that somebody looks at. */
  #hear(word: Word): void {
    const { neighbours, page } = this.#ports;
    switch (word.is) {
      case 'push':
        if (this.#lock === null) {
          if (page.visible()) neighbours.say({ is: 'not-mine' });
        } else if (page.visible() || this.#mustStay) {
          neighbours.say({ is: 'mine' });
          this.#session?.conversation?.wake();
        } else this.#giveWay(this.#lock);
        return;
      case 'decide':
        if (this.#lock !== null)
          void this.#act((session) => session.decideFromNotice(word.hash, word.decision)).then(
            () => neighbours.say({ is: 'decided', question: word.question, done: true }),
            () => neighbours.say({ is: 'decided', question: word.question, done: false }),
          );
        else if (page.visible()) neighbours.say({ is: 'not-mine' });
        return;
      case 'mine':
      case 'not-mine':
      case 'wanted':
      case 'decided':
        return;
    }
  }

  /** Whether the worker could not go on with what this page does: a pairing, and everything that a passphrase locks. */
  get #mustStay(): boolean {
    const { conversation = null, passphrase = null } = this.#session ?? {};
    return conversation?.pairing.running === true || passphrase?.isOn === true;
  }

  /** Out of sight this page may be frozen at any moment: the worker is the better one to answer. */
  #giveWay(lock: HeldLock): void {
    this.#staysOpen = this.#session?.lock.stays() ?? null;
    this.#lock = null;
    this.#endSession();
    lock.release();
    this.#try(() => this.#waitForTurn(false));
  }

  #onLost(lock: HeldLock): void {
    if (this.#lock !== lock) return;
    this.#lock = null;
    this.#endSession();
    // The next free turn is this tab's, for instance when the other one closes.
    this.#try(() => this.#waitForTurn(false));
  }

  #endSession(): void {
    if (this.#session !== null) this.#stream = this.#session.passphrase?.stream ?? null;
    this.#ended.abort();
    this.#ended = new AbortController();
    this.#shut?.vault.close();
    this.#shut = null;
    this.#session?.close();
    this.#session = null;
    this.#notices = null;
    this.#state.clear();
  }

  #openPendingLink(): void {
    const link = this.#pendingLink;
    const pairing = this.#session?.conversation?.pairing;
    if (link === null || pairing === undefined || this.#session?.lock.locked !== false) return;
    this.#pendingLink = null;
    pairing.open(link.text, link.followed);
  }

  /** Null before there is an account, and while the app is locked. */
  get #letInFlow(): LaterLetInFlow | null {
    return this.#session?.lock.locked === false ? this.#session.letInFlow : null;
  }

  /** Null once there is a device. */
  get #joinFlow(): LaterJoinFlow | null {
    return this.#session?.conversation === null ? this.#session.joinFlow : null;
  }

  /** Only a browser without anything joins. */
  #onRejoin<R>(work: (rejoin: Rejoin) => Promise<R>): Promise<R> {
    return this.#act(async (session) => {
      const rejoin = await session.rejoin();
      if (rejoin === null || session.conversation !== null || session.joinFlow?.isUncertain === true)
        throw new NotReadyError('a device already');
      return work(rejoin);
    });
  }

  /** Something with new recovery words, by a person who has unlocked the app. */
  #onWords<R>(work: (words: RecoveryWords, account: AccountDesk) => Promise<R>): Promise<R> {
    return this.#change(async (session) => {
      const [words, account] = [await session.words(), session.conversation?.account ?? null];
      if (words === null || account === null) throw new NotReadyError('no account');
      return work(words, account);
    });
  }

  /** Something on the account, by a person who has unlocked the app. */
  #onAccount<R>(work: (account: AccountDesk) => Promise<R>): Promise<R> {
    return this.#change(({ conversation }) => {
      if (conversation === null) throw new NotReadyError('no account');
      return work(conversation.account);
    });
  }

  /** Something on the passphrase, by a person who has unlocked the app. */
  #onPassphrase<R>(work: (passphrase: PassphraseDesk) => Promise<R>): Promise<R> {
    return this.#change(({ passphrase }) => {
      if (passphrase === null) throw new NotReadyError('no passphrase here');
      return work(passphrase);
    });
  }

  #onMoving<R>(work: (moving: MoveDesk) => Promise<R>): Promise<R> {
    return this.#change(({ conversation }) => {
      if (conversation === null) throw new NotReadyError('no account');
      return work(conversation.moving);
    });
  }

  /** As {@link PhoneEngine.#act}, but for nobody while the app is locked. */
  #change<R>(work: (session: Session) => Promise<R>): Promise<R> {
    return this.#act((session) => {
      if (session.lock.locked) throw new LockedError('locked');
      return work(session);
    });
  }

  /** Something that a person asked for: rejects with why it was not done; a fault of the store also ends the session. */
  async #act<R>(work: (session: Session) => Promise<R>): Promise<R> {
    if (this.#session === null) throw new NotReadyError('no session');
    try {
      return await work(this.#session);
    } catch (error) {
      if (error instanceof StoreError) this.#broken(error);
      throw error;
    }
  }

  /** Something that nobody waits for. */
  #try(work: () => Promise<void>): void {
    work().catch((error: unknown) => this.#broken(error));
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
