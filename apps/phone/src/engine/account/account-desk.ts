import type { Head } from '@palmkey/chain';
import { PerUserKeyError } from '@palmkey/core/account';
import type { DeviceKeys } from '@palmkey/core/devices';
import type { Content } from '@palmkey/core/messages';
import {
  type AccountDataWord,
  type ChainHead,
  type DeviceId,
  equal,
  fromHex,
  parseDeviceId,
  toHex,
} from '@palmkey/envelope';
import type { AccountView, MovingView, OutsideView } from '../../model/account-view.ts';
import type { HexId } from '../../model/hex-id.ts';
import type { PairingRow } from '../../store/schema.ts';
import type { PermissionBook } from '../permissions/permission-book.ts';
import type { PhoneState } from '../phone-state.ts';
import type { ChainOrders, EnginePorts } from '../ports.ts';
import type { Account } from './account.ts';
import { AccountActs } from './account-acts.ts';
import { computerChanges, type ComputerChanges } from './account-computers.ts';
import { isForLater, isOfRelay } from './account-error.ts';
import { accountView } from './account-view.ts';
import { ChainKeeper } from './chain-keeper.ts';
import { Enlisting } from './enlisting.ts';
import { exchangeNames, importKeys } from './member-data.ts';
import { SharedData } from './shared-data.ts';
import type { SharedShelf } from './shared-shelf.ts';
import { ToldNames } from './told-names.ts';

/** So long after a sender that nobody knows the chain is not asked for another one, ms. */
const UNKNOWN_SENDER_PAUSE_MS = 10_000;

/** So long after names were not there they are looked for again, ms; and how often. */
const NAME_LOOK_MS = 3_000;
const MAX_NAME_LOOKS = 5;

/** What the account's desk works with. */
export interface AccountDeskDeps {
  readonly ports: EnginePorts;
  readonly device: DeviceKeys;
  readonly account: Account;
  readonly shelf: SharedShelf;
  readonly book: PermissionBook;
  readonly state: PhoneState;
  readonly pairings: ReadonlyMap<HexId, PairingRow>;
  readonly chainAt: (relay: string) => ChainOrders | null;
  readonly hold: (relay: string) => () => void;
  readonly protocol: (id: HexId) => number | null;
  readonly send: (id: HexId, content: Content) => Promise<boolean>;
  /** Takes the chain's word on the computers over. */
  readonly apply: (changes: ComputerChanges) => Promise<void>;
  /** Connects to the relays that may become the account's, and lets `at` try each. */
  readonly settle: (at: (relay: string) => Promise<void>) => Promise<void>;
  readonly onReady: (relay: string) => void;
  /** Before a link is signed; what it throws is why none is. */
  readonly onAct: (chain: ChainOrders) => Promise<void>;
  /** In step with the home relay. */
  readonly onInStep: (chain: ChainOrders) => Promise<void>;
  readonly moving: () => MovingView;
  readonly onChange: () => void;
  readonly run: (work: () => Promise<void>) => void;
}

/** This device's account, while it talks: its chain, what it does on it, and the computers that are of it. */
export class AccountDesk {
  readonly keeper: ChainKeeper;
  readonly acts: AccountActs;
  /** What the account's phones know of each other. */
  readonly shared: SharedData;
  readonly #deps: AccountDeskDeps;
  readonly #enlisting: Enlisting;
  readonly #names: ToldNames;
  readonly #closed = new AbortController();
  #askedForUnknownAt = -Infinity;
  /** How often names that are not here were looked for, since the chain has this head. */
  #nameLooks = { seqno: 0, looks: 0 };
  /** Up to which link the computers are as the chain says; a page may have ended between keeping links and this. */
  #appliedSeqno: number;

  constructor(deps: AccountDeskDeps) {
    this.#deps = deps;
    this.#appliedSeqno = deps.account.row.applied ?? deps.account.state.head.seqno;
    const { ports, device, account, run, onChange } = deps;
    account.feed.chainAt = (relay) => deps.chainAt(relay);
    const onState = (): Promise<void> => this.#onState();
    this.keeper = new ChainKeeper({
      ports,
      device,
      account,
      hold: (relay) => deps.hold(relay),
      onState,
      onAct: (chain) => deps.onAct(chain),
      onCaughtUp: (chain) => this.#onCaughtUp(chain),
      onInStep: (chain) => this.#onInStep(chain),
      onReady: (relay) => deps.onReady(relay),
      onChange,
      run,
    });
    this.acts = new AccountActs({ ports, device, account, keeper: this.keeper, onState });
    this.shared = new SharedData({
      ports,
      device,
      account,
      shelf: deps.shelf,
      book: deps.book,
      state: deps.state,
      chain: () => (account.row.relay === null ? null : deps.chainAt(account.row.relay)),
      inOrder: (work) => this.keeper.inOrder(work),
      onChange,
      run,
    });
    const { protocol, send } = deps;
    this.#names = new ToldNames({ account, protocol, send });
    this.#enlisting = new Enlisting({
      ports,
      device,
      account,
      acts: this.acts,
      pairings: deps.pairings,
      protocol: (id) => deps.protocol(id),
      send: (id, content) => deps.send(id, content),
      mayAct: () => !this.keeper.isRemoved && this.keeper.alarm === null && account.row.relay !== null,
      onChange,
      run,
    });
  }

  get account(): Account {
    return this.#deps.account;
  }

  /** Whether a permission may answer: nothing is in doubt, and what the other phones have ended is known. */
  get mayAnswer(): boolean {
    return this.keeper.alarm === null && this.shared.mayAnswer;
  }

  view(): AccountView {
    const { account, device, moving } = this.#deps;
    const { alarm } = this.keeper;
    const own = { outside: this.#outside(), alarm, data: this.shared.standing, moving: moving() };
    return { ...accountView(account, device.id), ...own };
  }

  /** Takes the chain's word over as it is kept, and connects. */
  async start(): Promise<void> {
    await this.#onState();
    this.shared.start();
    this.keeper.start();
  }

  /** The chain has gone on: what it says is done. */
  takeOver(): Promise<void> {
    return this.#onState();
  }

  close(): void {
    this.#closed.abort();
    this.#enlisting.close();
    this.shared.close();
    this.keeper.close();
  }

  /** A computer has said that it is there. */
  isThere(id: HexId): void {
    this.#enlisting.isThere(id);
    this.#deps.run(() => this.#names.isThere(id));
  }

  /** A computer has answered whether it comes into the account. */
  async consented(id: HexId, { link, reverseSig }: Extract<Content, { kind: 'consent' }>): Promise<void> {
    await this.#enlisting.answered(id, link, reverseSig);
  }

  /** A sender that this device does not know may have come into the account since: asks once, and not all the time. */
  async mayKnowMore(relay: string): Promise<void> {
    const now = this.#deps.ports.clock.monotonic();
    if (!this.keeper.isHome(relay) || now - this.#askedForUnknownAt < UNKNOWN_SENDER_PAUSE_MS) return;
    this.#askedForUnknownAt = now;
    await this.keeper.refresh();
  }

  /**
   * Another device's head, in its message; false when nothing of that message may be acted on. To devices of the account
   * alone it says something: a computer that is only paired could end everything with one that it made up.
   */
  async met(sender: DeviceId, head: Head | null): Promise<boolean> {
    const isOurs = this.account.state.find(sender) !== undefined;
    return head === null || !isOurs || this.keeper.met(head, sender);
  }

  /**
   * Asks the relay for the chain again, for a person; what other devices have told against it is not held any more.
   * Without a home relay, finds one. Throws an `AccountError` where it
   * is not reached, and where nothing may be decided.
   */
  async check(): Promise<void> {
    const { account, settle } = this.#deps;
    if (account.row.relay === null) await settle((relay) => this.keeper.settleAt(relay));
    account.follower.forgetTold();
    await this.keeper.check();
  }

  /** The connection to a relay has ended. */
  lost(relay: string, problem: string | null): void {
    if (this.keeper.isHome(relay)) this.shared.lost();
    this.keeper.lost(relay, problem);
  }

  /** Another member has written account data. */
  dataWritten(relay: string, word: AccountDataWord): void {
    const { account } = this.#deps;
    if (!this.keeper.isHome(relay) || !equal(word.account, account.state.account)) return;
    this.shared.heard(word);
    if (account.state.active.some(({ id }) => account.facts(id) === undefined)) this.keeper.shareSoon();
  }

  heard(relay: string, head: ChainHead): Promise<void> {
    return this.keeper.heard(relay, head);
  }

  /** The pairing with a computer is over; `byPerson`: the account's devices are to know it no more either. */
  async forgotten(id: HexId, byPerson: boolean): Promise<void> {
    const { account, chainAt, run } = this.#deps;
    const { left, ending, relay } = account.row;
    if (account.state.find(parseDeviceId(fromHex(id))) === undefined || left.includes(id)) return;
    await account.change({ left: [...left, id], ...(byPerson && { ending: [...ending, id] }) });
    if (relay !== null && chainAt(relay) !== null) run(() => this.#endComputers());
  }

  /** A computer is paired, perhaps anew. */
  async paired(id: HexId): Promise<void> {
    const { account } = this.#deps;
    const others = (ids: readonly HexId[]): readonly HexId[] => ids.filter((each) => each !== id);
    const { left, ending } = account.row;
    if (left.includes(id)) await account.change({ left: others(left), ending: others(ending) });
  }

  async #onState(): Promise<void> {
    const { account, pairings, ports, apply, onChange } = this.#deps;
    const { seqno } = account.state.head;
    const changes = computerChanges(account, pairings, this.#appliedSeqno, ports.clock.now());
    this.#appliedSeqno = seqno;
    await apply(changes);
    if (account.row.applied !== seqno) await account.change({ applied: seqno });
    onChange();
  }

  /** The chain is known: what the other phones may have ended is read before anything is opened. */
  async #onCaughtUp(chain: ChainOrders): Promise<void> {
    try {
      await importKeys(this.#deps, chain);
      this.keeper.keysHold();
    } catch (error) {
      if (error instanceof PerUserKeyError) this.keeper.raiseBadKey();
      else if (!isOfRelay(error)) throw error;
    }
    await this.shared.catchUp(chain);
  }

  async #onInStep(chain: ChainOrders): Promise<void> {
    const { account, onChange, onInStep, run } = this.#deps;
    try {
      await importKeys(this.#deps, chain);
      if (await exchangeNames(this.#deps, chain)) this.#lookForNamesAgain();
      await onInStep(chain);
    } catch (error) {
      if (error instanceof PerUserKeyError) this.keeper.raiseBadKey();
      else if (!isOfRelay(error)) throw error;
    }
    await this.#onState();
    if (this.shared.standing === 'unread') await this.shared.catchUp(chain);
    await this.shared.share(chain);
    await this.#names.refresh();
    if (account.row.ending.length > 0) run(() => this.#endComputers());
    this.#enlisting.next();
    onChange();
  }

  /** Who has joined shares its name a moment after the others have heard of it. */
  #lookForNamesAgain(): void {
    const { account, ports, run } = this.#deps;
    const { seqno } = account.state.head;
    if (this.#nameLooks.seqno !== seqno) this.#nameLooks = { seqno, looks: 0 };
    if (this.#nameLooks.looks >= MAX_NAME_LOOKS) return;
    this.#nameLooks.looks += 1;
    run(async () => {
      await ports.clock.after(NAME_LOOK_MS, this.#closed.signal).catch(() => undefined);
      if (!this.#closed.signal.aborted && account.state.head.seqno === seqno) this.keeper.shareSoon();
    });
  }

  async #endComputers(): Promise<void> {
    const { account } = this.#deps;
    const { ending } = account.row;
    if (ending.length === 0) return;
    try {
      await this.acts.revoke(ending.map((id) => parseDeviceId(fromHex(id))));
      await account.change({ ending: account.row.ending.filter((id) => !ending.includes(id)) });
    } catch (error) {
      // It is done on the next connection.
      if (!isForLater(error)) throw error;
    }
  }

  #outside(): readonly OutsideView[] {
    const { account, pairings } = this.#deps;
    const inside = new Set(account.state.active.map(({ id }) => toHex(id)));
    return [...pairings.values()]
      .filter(({ id }) => !inside.has(id))
      .map((row) => ({ id: row.id, why: this.#whyOutside(row) }));
  }

  #whyOutside({ id, relay }: PairingRow): OutsideView['why'] {
    const home = this.#deps.account.row.relay;
    if (home === null) return this.keeper.isForeign(relay) ? 'other-account' : 'waiting';
    if (home !== relay) return 'other-relay';
    return this.#enlisting.refusal(id) ?? (this.#enlisting.isOlder(id) ? 'older' : 'waiting');
  }
}
