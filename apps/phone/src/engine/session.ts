/**
 * What a session is opened with and what a person changes in it, a method for each: in one file, although it is long, since all
 * of it is under the same lock and in step with the same state.
 */
import type { PassphraseStream } from '@palmkey/core/account';
import { type DeviceKeys, parseDeviceName } from '@palmkey/core/devices';
import { equal } from '@palmkey/envelope';
import type { DeviceRow } from '../keyring/device-keyring.ts';
import { isLockable, makeDevice, openDevice } from '../keyring/device-keyring.ts';
import type { UserKeyRow } from '../keyring/user-key.ts';
import { UserKey, makeUserKey } from '../keyring/user-key.ts';
import type { LettingInView } from '../model/account-view.ts';
import type { HexId } from '../model/hex-id.ts';
import type { KeyType } from '../model/model.ts';
import type { NoticesRow } from '../store/schema.ts';
import { TABLES } from '../store/schema.ts';
import { Account } from './account/account.ts';
import { ACCOUNT_TABLES, putMembership, readAccount, type StoredAccount } from './account/account-rows.ts';
import type { RecoveryWords } from './account/recovery-words.ts';
import type { Rejoin } from './account/rejoin.ts';
import { newMembership } from './account/new-membership.ts';
import type { ConversationDeps } from './conversation.ts';
import { Conversation } from './conversation.ts';
import { factsOf } from './facts.ts';
import { sortedHistory } from './history.ts';
import type { JoinFlowDeps } from './joining/join-flow.ts';
import { LaterJoinFlow, type LaterLetInFlow } from './joining/later-flows.ts';
import { SavedJoin } from './joining/saved-join.ts';
import { AppLock } from './lock/app-lock.ts';
import { mayAllow } from './may-allow.ts';
import type { NoticeDecision } from './neighbours.ts';
import type { PassphraseDesk } from './passphrase/passphrase-desk.ts';
import { passphraseView } from './passphrase/passphrase-view.ts';
import { PermissionBook } from './permissions/permission-book.ts';
import { NotFromNoticeError, TooManyKeysError, UncertainError } from './session-errors.ts';
import { Turns } from './turns.ts';

/** As many user keys as one `here` carries (spec/requests.md). */
const MAX_KEYS = 64;

/** What a session runs on. */
export interface SessionDeps extends Omit<ConversationDeps, 'turns' | 'book' | 'keepNotices' | 'fetchMove'> {
  /** What joining an account takes, and letting others in; null where nobody is to do so. */
  readonly joining: JoinFlowDeps['ports'] | null;
  /** Of the store; null where nobody can be asked for it. */
  readonly passphrase: PassphraseDesk | null;
  /** This became a device of an account. */
  readonly onJoined: () => void;
}

/** This tab while it is the one that answers: the open store, what a person changes in it, and the conversation. */
export class Session {
  readonly #deps: ConversationDeps & Pick<SessionDeps, 'joining' | 'onJoined' | 'passphrase'>;
  readonly lock: AppLock;
  /** Null where nobody is to join. */
  readonly joinFlow: LaterJoinFlow | null;
  #letInFlow: LaterLetInFlow | null = null;
  readonly #saved: SavedJoin;
  #rejoin: Rejoin | null = null;
  #words: RecoveryWords | null = null;
  #isClosed = false;
  #device: DeviceRow | null = null;
  #conversation: Conversation | null = null;
  #starting: Promise<Conversation> | null = null;

  private constructor(deps: SessionDeps) {
    const { ports, state, store } = deps;
    const turns = new Turns(ports.locks);
    const book = new PermissionBook(ports.clock);
    const fetchMove = deps.joining?.fetchFlows.move ?? null;
    this.#deps = { ...deps, turns, book, fetchMove, keepNotices: (change) => this.setNotices(change) };
    this.lock = new AppLock({ ports, store, turns, onChange: () => state.publish() });
    this.#saved = new SavedJoin(store, turns, deps.passphrase);
    this.joinFlow = deps.joining && this.#makeJoinFlow(deps.joining, this.#saved);
    state.now = () => ports.clock.now();
    state.lock = () => this.lock.view();
    state.passphrase = () => passphraseView(deps.passphrase, this.#device, state.keys);
    state.permissions = () => {
      const others = this.#conversation?.account.shared.permissions() ?? [];
      return [...book.views(state), ...others].toSorted((a, b) => a.endsAt - b.endsAt);
    };
  }

  /** Reads everything kept, and connects if there is a device already. Throws a StoreError. */
  static async open(deps: SessionDeps): Promise<Session> {
    const session = new Session(deps);
    await session.#load();
    return session;
  }

  /** By recovery words; null where nobody is to join, and once the session is over. Throws where it cannot be fetched. */
  async rejoin(): Promise<Rejoin | null> {
    const { joining, ports } = this.#deps;
    if (joining === null) return null;
    const { Rejoin } = await joining.fetchFlows.words();
    if (this.#isClosed) return null;
    this.#rejoin ??= new Rejoin({
      ports,
      saved: this.#saved,
      onJoined: () => this.#joined(),
      onUncertain: async () => this.joinFlow?.resume(),
    });
    return this.#rejoin;
  }

  cancelRejoin(): void {
    this.#rejoin?.cancel();
  }

  /** New recovery words; null where nobody is to have any. Throws where it cannot be fetched. */
  async words(): Promise<RecoveryWords | null> {
    const { joining, ports } = this.#deps;
    if (joining === null) return null;
    const { RecoveryWords } = await joining.fetchFlows.words();
    this.#words ??= new RecoveryWords(ports.primitives);
    return this.#words;
  }

  dropWords(): void {
    this.#words?.drop();
  }

  /** Null where nobody can be asked for it. */
  get passphrase(): PassphraseDesk | null {
    return this.#deps.passphrase;
  }

  /** Null before the first run is done. */
  get conversation(): Conversation | null {
    return this.#conversation;
  }

  /** Null before there is an account, and where nobody is to let a device in. */
  get letInFlow(): LaterLetInFlow | null {
    return this.#letInFlow;
  }

  /**
   * First run: this device and its first user key, both or neither. Throws DeviceNameError on either name, and
   * {@link UncertainError} while this may be a device of another account already.
   */
  async createAccountKey(deviceName: string, keyName: string): Promise<void> {
    const { ports } = this.#deps;
    const [device, key] = [parseDeviceName(deviceName), parseDeviceName(keyName)];
    if (this.joinFlow?.isUncertain === true) throw new UncertainError('uncertain');
    this.joinFlow?.cancel();
    const made = await this.#exclusively(async () => {
      if (this.#device !== null) return null;
      const now = ports.clock.now();
      const deviceRow = await makeDevice(device, now, this.#isLocking);
      const keyRow = await makeUserKey(key, now, 'ssh-ed25519', this.#isLocking);
      const deviceKeys = await openDevice(deviceRow);
      const begun = await newMembership(ports, deviceKeys, device);
      await this.#deps.store.transact('write', ['device', 'keys', ...ACCOUNT_TABLES], async (transaction) => {
        await transaction.put('device', deviceRow);
        await transaction.put('keys', keyRow);
        await putMembership(transaction, begun);
      });
      this.#device = deviceRow;
      return new UserKey(keyRow);
    });
    await this.#converse();
    if (made === null) return;
    // Only now: whoever sees the key may already talk with a relay.
    this.#deps.state.deviceName = device;
    this.#deps.state.keys = [made];
  }

  /** Throws {@link TooManyKeysError} beyond what a greeting can carry. */
  async addKey(name: string, type: KeyType = 'ssh-ed25519'): Promise<void> {
    if (this.#deps.state.keys.length >= MAX_KEYS) throw new TooManyKeysError('too many keys');
    // Keys keep their order by this time.
    const newest = this.#deps.state.keys.at(-1)?.createdAt ?? 0;
    const createdAt = Math.max(this.#deps.ports.clock.now(), newest + 1);
    const row = await makeUserKey(parseDeviceName(name), createdAt, type, this.#isLocking);
    await this.#exclusively(async () => {
      await this.#deps.store.transact('write', ['keys'], (transaction) => transaction.put('keys', row));
      this.#deps.state.keys = [...this.#deps.state.keys, new UserKey(row)];
    });
    await this.#announce();
  }

  /** Takes a key away for good, with its permissions; what waits for it is refused. */
  async removeKey(id: HexId): Promise<void> {
    const { state, store, book } = this.#deps;
    const key = state.keys.find((each) => each.id === id);
    if (key === undefined) return;
    const permissions = book.ids((row) => row.key !== null && equal(row.key, key.blob));
    // From this moment on nothing is signed with it.
    state.keys = state.keys.filter((each) => each !== key);
    book.drop(permissions);
    await this.#exclusively(() =>
      store.transact('write', ['keys', 'permissions'], async (transaction) => {
        await transaction.delete('keys', id);
        await book.revoke(transaction, permissions);
      }),
    );
    await this.#conversation?.inbox.removeKey(key);
    await this.#announce();
  }

  /**
   * Ends permissions for good: one, or all, on whatever phone. This phone's are over in this tab before this returns a
   * promise.
   */
  async revoke(id: HexId | null): Promise<void> {
    const { state, store, book } = this.#deps;
    const ids = book.ids((row) => id === null || row.id === id);
    book.drop(ids);
    state.publish();
    await this.#exclusively(() =>
      store.transact('write', ['permissions'], (transaction) => book.revoke(transaction, ids)),
    );
    await this.#conversation?.account.shared.end(id);
  }

  async renameKey(id: HexId, name: string): Promise<void> {
    const { state, store } = this.#deps;
    const newName = parseDeviceName(name);
    await this.#exclusively(async () => {
      const renamed = await store.transact('write', ['keys'], async (transaction) => {
        const row = await transaction.get('keys', id);
        if (row === undefined) return null;
        const changed: UserKeyRow = { ...row, name: newName };
        await transaction.put('keys', changed);
        return changed;
      });
      if (renamed !== null) state.keys = state.keys.map((key) => (key.id === id ? new UserKey(renamed) : key));
    });
    await this.#announce();
  }

  async renameDevice(name: string): Promise<void> {
    const { state, store } = this.#deps;
    const newName = parseDeviceName(name);
    await this.#exclusively(async () => {
      if (this.#device === null) return;
      const renamed: DeviceRow = { ...this.#device, name: newName };
      await store.transact('write', ['device'], (transaction) => transaction.put('device', renamed));
      this.#device = renamed;
      state.deviceName = newName;
    });
    await this.#announce();
  }

  /** Takes every key's pin under this name and port away. */
  async forgetPin(host: { readonly name: string; readonly port: number }): Promise<void> {
    const { state, store } = this.#deps;
    await this.#exclusively(async () => {
      const ids = [...state.pins.values()]
        .filter((pin) => pin.name === host.name && pin.port === host.port)
        .map(({ id }) => id);
      await store.transact('write', ['pins'], async (transaction) => {
        for (const id of ids) await transaction.delete('pins', id);
      });
      for (const id of ids) state.pins.delete(id);
    });
    state.publish();
  }

  async acknowledgeSecondWay(): Promise<void> {
    const { state, store } = this.#deps;
    await this.#exclusively(async () => {
      await store.transact('write', ['settings'], async (transaction) => {
        const lock = (await transaction.get('settings', 'settings'))?.lock ?? null;
        await transaction.put('settings', { id: 'settings', secondWayAcknowledged: true, lock });
      });
      state.secondWayAcknowledged = true;
    });
    state.publish();
  }

  /**
   * The person answered a notification. Throws {@link NotFromNoticeError} where it has to be looked at in the app: behind
   * the app lock, and an approval of anything but a routine login with a key that may be used so.
   */
  async decideFromNotice(hash: HexId, decision: NoticeDecision): Promise<void> {
    const { state } = this.#deps;
    const view = state.waiting().find((request) => request.hash === hash);
    const allowed = decision === 'reject' || (view !== undefined && mayAllow(view, state));
    if (this.lock.locked || !allowed) throw new NotFromNoticeError('not from a notification');
    await this.#conversation?.decide(hash, decision);
  }

  /** Keeps what the person chose about notifications. */
  async setNotices(change: Partial<Omit<NoticesRow, 'id'>>): Promise<void> {
    const { state, store } = this.#deps;
    await this.#exclusively(async () => {
      state.notices = await store.transact('write', ['notices'], async (transaction) => {
        const row = { ...((await transaction.get('notices', 'notices')) ?? state.notices), ...change };
        await transaction.put('notices', row);
        return row;
      });
    });
    state.publish();
  }

  /**
   * Gives this device new keys, which the passphrase locks. Afterwards this session is of no use any more. Throws what acts
   * on the chain throw, and a StoreError.
   */
  async renewDevice(): Promise<void> {
    const { ports, store, joining, passphrase } = this.#deps;
    const [row, conversation] = [this.#device, this.#conversation];
    if (row === null || conversation === null || joining === null || passphrase?.isOn !== true || isLockable(row))
      return;
    const { renewDevice } = await joining.fetchFlows.passphrase();
    await renewDevice({ ports, store, desk: conversation.account, device: await openDevice(row), row });
  }

  /** Everything a person made that can leave the browser, as JSON. */
  facts(): string {
    return factsOf(this.#deps.state, this.#deps.ports.clock.now());
  }

  /** Forgets everything that is kept: the device begins anew. */
  async forgetEverything(): Promise<void> {
    this.#conversation?.close();
    await this.#exclusively(() =>
      this.#deps.store.transact('write', TABLES, async (transaction) => {
        for (const table of TABLES)
          for (const { id } of await transaction.all(table)) await transaction.delete(table, id);
      }),
    );
  }

  close(): void {
    this.lock.close();
    this.joinFlow?.close();
    this.#isClosed = true;
    this.#rejoin?.close();
    this.#letInFlow?.close();
    this.#conversation?.close();
    this.#deps.store.close();
  }

  async #load(): Promise<void> {
    const { state, store } = this.#deps;
    const kept = await store.transact('read', TABLES, async (transaction) => ({
      device: await transaction.get('device', 'device'),
      keys: await transaction.all('keys'),
      pairings: await transaction.all('pairings'),
      pins: await transaction.all('pins'),
      history: await transaction.all('history'),
      settings: await transaction.get('settings', 'settings'),
      permissions: await transaction.all('permissions'),
      notices: await transaction.get('notices', 'notices'),
    }));
    this.lock.load(kept.settings?.lock ?? null);
    this.#device = kept.device ?? null;
    state.deviceName = kept.device?.name ?? '';
    state.keys = kept.keys.toSorted((a, b) => a.createdAt - b.createdAt).map((row) => new UserKey(row));
    for (const row of kept.pairings) state.pairings.set(row.id, row);
    for (const row of kept.pins) state.pins.set(row.id, row);
    state.history = sortedHistory(kept.history);
    state.secondWayAcknowledged = kept.settings?.secondWayAcknowledged ?? false;
    state.notices = kept.notices ?? state.notices;
    const seenAt = latest([
      ...kept.pairings.map(({ lastSeenAt }) => lastSeenAt),
      ...kept.permissions.map(({ lastUsedAt }) => lastUsedAt),
      ...kept.permissions.map(({ revokedAt }) => revokedAt),
      state.history[0]?.at ?? null,
    ]);
    const over = this.#deps.book.load(kept.permissions, seenAt);
    if (over.length > 0)
      await store.transact('write', ['permissions'], async (transaction) => {
        for (const id of over) await transaction.delete('permissions', id);
      });
    await this.#converse();
    if (this.#device === null) await this.joinFlow?.resume();
  }

  /** Whether new keys are made for a passphrase to lock. */
  get #isLocking(): boolean {
    return this.#deps.passphrase?.isOn ?? false;
  }

  #makeJoinFlow(ports: JoinFlowDeps['ports'], saved: SavedJoin): LaterJoinFlow {
    const { state } = this.#deps;
    return new LaterJoinFlow({
      ports,
      saved,
      show: (view) => {
        state.joining = view;
        state.publish();
      },
      onJoined: () => this.#joined(),
    });
  }

  /** The store has a device since it joined. */
  async #joined(): Promise<void> {
    const { state, store, onJoined } = this.#deps;
    const { device, keys } = await store.transact('read', ['device', 'keys'], async (transaction) => ({
      device: await transaction.get('device', 'device'),
      keys: await transaction.all('keys'),
    }));
    this.#device = device ?? null;
    state.deviceName = device?.name ?? '';
    state.keys = keys.map((row) => new UserKey(row));
    await this.#converse();
    onJoined();
  }

  async #converse(): Promise<void> {
    if (this.#device === null) return;
    this.#starting ??= this.#start(this.#device);
    this.#conversation = await this.#starting;
    const { joining, passphrase, state } = this.#deps;
    const show = (view: LettingInView): void => {
      state.lettingIn = view;
      state.publish();
    };
    const stream = (): PassphraseStream | null => passphrase?.stream ?? null;
    this.#letInFlow ??= joining && this.#conversation.letInFlow(joining, stream, show);
  }

  async #start(row: DeviceRow): Promise<Conversation> {
    const { ports, store } = this.#deps;
    const device = await openDevice(row);
    const stored = (await this.#readAccount()) ?? (await this.#lift(row, device));
    const account = await Account.open({ ports, device, store }, stored);
    return Conversation.start(this.#deps, device, account);
  }

  #readAccount(): Promise<StoredAccount | null> {
    return this.#deps.store.transact('read', ACCOUNT_TABLES, readAccount);
  }

  /** A device from before there were accounts begins one. */
  #lift(row: DeviceRow, device: DeviceKeys): Promise<StoredAccount> {
    return this.#exclusively(async () => {
      const begun = await newMembership(this.#deps.ports, device, row.name);
      return this.#deps.store.transact('write', ACCOUNT_TABLES, async (transaction) => {
        const other = await readAccount(transaction);
        return other ?? putMembership(transaction, begun);
      });
    });
  }

  async #announce(): Promise<void> {
    this.#deps.state.publish();
    await this.#conversation?.greetings.greet();
  }

  #exclusively<R>(work: () => Promise<R>): Promise<R> {
    return this.#deps.turns.exclusively(work);
  }
}

function latest(times: readonly (number | null)[]): number {
  return times.reduce<number>((last, time) => Math.max(last, time ?? 0), 0);
}
