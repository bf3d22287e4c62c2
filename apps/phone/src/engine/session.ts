import { parseDeviceName } from '@palmkey/core/devices';
import type { DeviceRow } from '../keyring/device-keyring.ts';
import { isLockable, openDevice } from '../keyring/device-keyring.ts';
import { UserKey } from '../keyring/user-key.ts';
import type { HexId } from '../model/hex-id.ts';
import { openAccount } from './account/open-account.ts';
import { Choices } from './choices.ts';
import type { ConversationDeps } from './conversation.ts';
import { Conversation } from './conversation.ts';
import { factsOf } from './facts.ts';
import { makeFirstDevice } from './first-device.ts';
import type { JoinFlowDeps } from './joining/join-flow.ts';
import { SavedJoin } from './joining/saved-join.ts';
import { KeyBook } from './key-book.ts';
import { AppLock } from './lock/app-lock.ts';
import { mayAllow } from './may-allow.ts';
import type { NoticeDecision } from './neighbours.ts';
import type { PassphraseDesk } from './passphrase/passphrase-desk.ts';
import { passphraseView } from './passphrase/passphrase-view.ts';
import { PermissionBook } from './permissions/permission-book.ts';
import { NotFromNoticeError, UncertainError } from './session-errors.ts';
import { SessionFlows } from './session-flows.ts';
import { Turns } from './turns.ts';
import { emptyStore, fillState, latestTimeIn, readStore } from './whole-store.ts';

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
  readonly lock: AppLock;
  readonly keys: KeyBook;
  readonly choices: Choices;
  /** Null where nobody is to join, or to let anybody in. */
  readonly flows: SessionFlows | null;
  readonly #deps: SessionDeps;
  readonly #turns: Turns;
  readonly #permissions: PermissionBook;
  #device: DeviceRow | null = null;
  #conversation: Conversation | null = null;
  #starting: Promise<Conversation> | null = null;

  private constructor(deps: SessionDeps) {
    const { ports, state, store, joining, passphrase, onFault } = deps;
    const { clock } = ports;
    const turns = new Turns(ports.locks);
    const permissions = new PermissionBook(clock);
    this.#deps = deps;
    this.#turns = turns;
    this.#permissions = permissions;
    this.lock = new AppLock({ ports, store, turns, onChange: () => state.publish() });
    this.choices = new Choices({ state, store, turns });
    this.keys = new KeyBook({
      clock,
      state,
      store,
      turns,
      permissions,
      isLocking: () => this.#isLocking,
      onRemoved: async (key) => this.#conversation?.inbox.removeKey(key),
      onChange: () => this.#announce(),
    });
    const saved = new SavedJoin(store, turns, passphrase);
    const onJoined = (): Promise<void> => this.#joined();
    this.flows = joining && new SessionFlows({ ports: joining, state, saved, passphrase, onJoined, onFault });
    state.now = () => clock.now();
    state.lock = () => this.lock.view();
    state.passphrase = () => passphraseView(passphrase, this.#device, state.keys);
    state.permissions = () => {
      const others = this.#conversation?.account.shared.permissions() ?? [];
      return [...permissions.views(state), ...others].toSorted((a, b) => a.endsAt - b.endsAt);
    };
  }

  /**
   * Reads everything kept, and connects if there is a device already. Throws a StoreError, and what `Account.open`
   * throws; then the store is closed.
   */
  static async open(deps: SessionDeps): Promise<Session> {
    const session = new Session(deps);
    try {
      await session.#load();
    } catch (error) {
      session.close();
      throw error;
    }
    return session;
  }

  /** Null where nobody can be asked for it. */
  get passphrase(): PassphraseDesk | null {
    return this.#deps.passphrase;
  }

  /** Null before the first run is done. */
  get conversation(): Conversation | null {
    return this.#conversation;
  }

  /**
   * First run: this device and its first user key, both or neither. Throws DeviceNameError on either name, and
   * {@link UncertainError} while this may be a device of another account already.
   */
  async createAccountKey(deviceName: string, keyName: string): Promise<void> {
    const { ports, state, store } = this.#deps;
    const [name, key] = [parseDeviceName(deviceName), parseDeviceName(keyName)];
    if (this.flows?.join.isUncertain === true) throw new UncertainError('uncertain');
    this.flows?.join.cancel();
    const made = await this.#turns.exclusively(async () => {
      if (this.#device !== null) return null;
      const first = await makeFirstDevice({ ports, store, isLocking: this.#isLocking }, name, key);
      this.#device = first.device;
      return first;
    });
    await this.#converse();
    if (made === null) return;
    // Only now: whoever sees the key may already talk with a relay.
    state.deviceName = name;
    state.keys = [new UserKey(made.key)];
  }

  async renameDevice(name: string): Promise<void> {
    const { state, store } = this.#deps;
    const newName = parseDeviceName(name);
    await this.#turns.exclusively(async () => {
      if (this.#device === null) return;
      const renamed: DeviceRow = { ...this.#device, name: newName };
      await store.transact('write', ['device'], (transaction) => transaction.put('device', renamed));
      this.#device = renamed;
      state.deviceName = newName;
    });
    await this.#announce();
  }

  /**
   * Ends permissions for good: one, or all, on whatever phone. This phone's are over in this tab before this returns a
   * promise.
   */
  async revoke(id: HexId | null): Promise<void> {
    const { state, store } = this.#deps;
    const permissions = this.#permissions;
    const ids = permissions.ids((row) => id === null || row.id === id);
    permissions.drop(ids);
    state.publish();
    await this.#turns.exclusively(() =>
      store.transact('write', ['permissions'], (transaction) => permissions.revoke(transaction, ids)),
    );
    await this.#conversation?.account.shared.end(id);
  }

  /**
   * The person answered a notification; false where that did not count. Throws {@link NotFromNoticeError} where it has
   * to be looked at in the app: behind the app lock, and an approval of anything but a routine login with a key that
   * may be used so.
   */
  async decideFromNotice(hash: HexId, decision: NoticeDecision): Promise<boolean> {
    const { state } = this.#deps;
    const view = state.waiting().find((request) => request.hash === hash);
    const allowed = decision === 'reject' || (view !== undefined && mayAllow(view, state));
    if (this.lock.locked || !allowed) throw new NotFromNoticeError('not from a notification');
    return (await this.#conversation?.decide(hash, decision)) ?? false;
  }

  /**
   * Gives this device new keys, which the passphrase locks; nothing happens where it locks them already, or there is
   * none. Afterwards this session is of no use any more. Throws what acts on the chain throw, and a StoreError.
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
    await this.#turns.exclusively(() => emptyStore(this.#deps.store));
  }

  close(): void {
    this.lock.close();
    this.flows?.close();
    this.#conversation?.close();
    this.#deps.store.close();
  }

  async #load(): Promise<void> {
    const { state, store } = this.#deps;
    const rows = await readStore(store);
    this.lock.load(rows.settings?.lock ?? null);
    this.#device = rows.device;
    fillState(state, rows);
    const old = this.#permissions.load(rows.permissions, latestTimeIn(rows));
    if (old.length > 0)
      await store.transact('write', ['permissions'], async (transaction) => {
        for (const id of old) await transaction.delete('permissions', id);
      });
    await this.#converse();
    if (this.#device === null) await this.flows?.join.resume();
  }

  /** Whether new keys are made for a passphrase to lock. */
  get #isLocking(): boolean {
    return this.#deps.passphrase?.isOn ?? false;
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
    this.flows?.openTo(this.#conversation);
  }

  async #start(row: DeviceRow): Promise<Conversation> {
    const { ports, store, joining } = this.#deps;
    const turns = this.#turns;
    const device = await openDevice(row);
    const account = await openAccount({ ports, store, turns }, device, row.name);
    const own = {
      turns,
      book: this.#permissions,
      fetchMove: joining?.fetchFlows.move ?? null,
      keepNotices: (change: Parameters<Choices['setNotices']>[0]) => this.choices.setNotices(change),
    };
    return Conversation.start({ ...this.#deps, ...own }, device, account);
  }

  async #announce(): Promise<void> {
    this.#deps.state.publish();
    await this.#conversation?.greetings.greet();
  }
}
