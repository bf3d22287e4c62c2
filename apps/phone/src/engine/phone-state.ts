import type { UserKey } from '../keyring/user-key.ts';
import type { AccountView, JoiningView, LettingInView } from '../model/account-view.ts';
import type { HexId } from '../model/hex-id.ts';
import type {
  Aftermath,
  ComputerView,
  HistoryEntry,
  KeyView,
  LockView,
  NoticesView,
  PairingView,
  PermissionView,
  PhoneSnapshot,
} from '../model/model.ts';
import type { RequestView } from '../model/request-view.ts';
import type { NoticesRow, PairingRow, PinRow } from '../store/schema.ts';
import type { PushStanding } from './push-subscriptions.ts';
import type { History } from './history.ts';
import type { Pins } from './pins.ts';
import { isMuted } from './request-ledger.ts';

/** How a computer is reached, as the links know it. */
export type Reach = Pick<ComputerView, 'reach' | 'problem'>;

/** Whether a computer and this phone understand each other, and whether it asks too much. */
export type Standing = Pick<ComputerView, 'update' | 'flooded' | 'skewMs'>;

const NOTHING_KNOWN: Standing = { update: null, flooded: null, skewMs: null };

/** What holds until the person chooses. */
const NO_NOTICES: NoticesRow = { id: 'notices', on: false, relay: null, shows: 'question', allowKeys: [] };

/**
 * Everything the app knows while it runs, and the one snapshot that the screens see of it. Whoever changes a field
 * calls {@link PhoneState.publish} once it is whole again.
 */
export class PhoneState {
  phase: PhoneSnapshot['phase'] = { is: 'loading' };
  deviceName = '';
  keys: readonly UserKey[] = [];
  readonly pairings = new Map<HexId, PairingRow>();
  readonly pins = new Map<string, PinRow>();
  /** The pins, for judging a server by them. */
  readonly pinBook: Pins = { rows: this.pins, computerName: (id) => this.computerName(id) };
  history: History = [];
  /** The same with what was decided on other phones; filled by the account. */
  allHistory: () => readonly HistoryEntry[] = () => this.history;
  aftermath: Aftermath | null = null;
  /** The request that the person asked to see before the others. */
  inFront: HexId | null = null;
  pairing: PairingView = { is: 'none' };
  lettingIn: LettingInView = { is: 'none' };
  joining: JoiningView = { is: 'none' };
  persistence: PhoneSnapshot['persistence'] = 'unknown';
  secondWayAcknowledged = false;
  notices: NoticesRow = NO_NOTICES;
  /** Whether the browser can wake this phone, and may; null until it was asked. */
  pushStanding: PushStanding | null = null;
  /** Whether the relay that the app came from knows this device, where that matters. */
  asks: PhoneSnapshot['asks'] = 'unknown';
  /** The relays of computers that were found to wake devices. */
  readonly pushRelays = new Set<string>();
  /** Whether the relay has taken how this phone is woken. */
  wakes: NoticesView['wakes'] = 'fine';
  /** The screens of what waits, oldest first; filled by the inbox. */
  waiting: () => readonly RequestView[] = () => [];
  /** Filled by the links. */
  reach: (id: HexId) => Reach = () => ({ reach: 'offline', problem: null });
  /** What else is known of a computer; filled by the conversation. */
  standing: (id: HexId) => Standing = () => NOTHING_KNOWN;
  /** The account of this phone; filled by its keeper. */
  account: () => AccountView | null = () => null;
  /** What is allowed right now; filled by the permissions. */
  permissions: () => readonly PermissionView[] = () => [];
  /** How many requests wait; filled by the inbox. */
  waitingCount: () => number = () => 0;
  /** Filled by the app lock. */
  lock: () => LockView = () => ({ is: 'off' });
  /** Filled by the session. */
  passphrase: () => PhoneSnapshot['passphrase'] = () => ({ is: 'off' });
  /** The clock, for what has an end. */
  now: () => number = () => 0;

  readonly #listeners = new Set<() => void>();
  #snapshot: PhoneSnapshot = this.#build();

  get snapshot(): PhoneSnapshot {
    return this.#snapshot;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  publish(): void {
    this.#snapshot = this.#build();
    for (const listener of [...this.#listeners]) listener();
  }

  /**
   * How a computer is called on the screens. A computer names itself, so where two are called alike each also has the
   * beginning of its id: none can pass for another.
   */
  computerName(id: HexId): string {
    const row = this.pairings.get(id);
    if (row === undefined) return id;
    const name = nameOf(row);
    const look = lookOf(name);
    const alike = [...this.pairings.values()].some((other) => other.id !== id && lookOf(nameOf(other)) === look);
    return alike ? `${name} (${id.slice(0, 8)})` : name;
  }

  /** Forgets what came out of the store: another tab has it now. */
  clear(): void {
    this.deviceName = '';
    this.keys = [];
    this.pairings.clear();
    this.pins.clear();
    this.history = [];
    this.aftermath = null;
    this.pairing = { is: 'none' };
    this.lettingIn = { is: 'none' };
    this.joining = { is: 'none' };
    this.account = () => null;
    this.allHistory = () => this.history;
    this.notices = NO_NOTICES;
    this.pushRelays.clear();
    this.asks = 'unknown';
    this.waiting = () => [];
    this.reach = () => ({ reach: 'offline', problem: null });
    this.standing = () => NOTHING_KNOWN;
    this.permissions = () => [];
    this.waitingCount = () => 0;
    this.lock = () => ({ is: 'off' });
    this.passphrase = () => ({ is: 'off' });
  }

  #inOrder(): readonly RequestView[] {
    const waiting = this.waiting();
    const front = waiting.filter(({ hash }) => hash === this.inFront);
    return [...front, ...waiting.filter(({ hash }) => hash !== this.inFront)];
  }

  #notices(): NoticesView {
    const { on, relay, shows, allowKeys } = this.notices;
    const offered = !on && [...this.pairings.values()].some((row) => this.pushRelays.has(row.relay));
    return { on, relay, shows, allowKeys, standing: this.pushStanding, offered, wakes: this.wakes };
  }

  #build(): PhoneSnapshot {
    const lock = this.lock();
    const locked = lock.is === 'on' && lock.locked;
    return {
      phase: this.phase,
      deviceName: this.deviceName,
      keys: this.keys.map(keyView),
      computers: [...this.pairings.values()]
        .toSorted((a, b) => a.pairedAt - b.pairedAt)
        .map((row) => ({
          id: row.id,
          name: this.computerName(row.id),
          relay: row.relay,
          pairedAt: row.pairedAt,
          lastSeenAt: row.lastSeenAt,
          software: row.software,
          mutedUntil: isMuted(row.mutedUntil, this.now()) ? row.mutedUntil : null,
          ...this.standing(row.id),
          ...this.reach(row.id),
        })),
      front: this.inFront,
      // Behind the app lock nothing of what was asked is in the page.
      waiting: locked ? [] : this.#inOrder(),
      lockedWaiting: locked ? this.waitingCount() : 0,
      permissions: locked ? [] : this.permissions(),
      lock,
      passphrase: this.passphrase(),
      notices: this.#notices(),
      asks: this.asks,
      aftermath: locked ? null : this.aftermath,
      history: locked ? [] : this.allHistory(),
      pairing: this.pairing,
      account: this.account(),
      lettingIn: locked ? { is: 'none' } : this.lettingIn,
      joining: this.joining,
      persistence: this.persistence,
      secondWayAcknowledged: this.secondWayAcknowledged,
    };
  }
}

function nameOf(row: PairingRow): string {
  return row.givenName ?? row.hostName;
}

/** Names with the same look are hard to tell apart: case, white space, format characters and compatibility forms aside. */
function lookOf(name: string): string {
  return name
    .normalize('NFKC')
    .replace(/[\p{Cf}\p{Z}]/gu, '')
    .toLowerCase();
}

function keyView(key: UserKey): KeyView {
  return {
    id: key.id,
    name: key.name,
    type: key.type,
    fingerprint: key.fingerprint,
    authorizedKeysLine: key.authorizedKeysLine,
    createdAt: key.createdAt,
    exportable: false,
  };
}
