import { ChainError, decodeLinks, type Head, parseLinkHash } from '@palmkey/chain';
import { type CaughtUp, FollowError } from '@palmkey/core/account';
import type { DeviceKeys } from '@palmkey/core/devices';
import { type ChainHead, type DeviceId, equal } from '@palmkey/envelope';
import type { AccountAlarmCode, AccountView } from '../../model/account-view.ts';
import type { ChainOrders, EnginePorts } from '../ports.ts';
import { NotConnectedError } from '../until-admitted.ts';
import { type Account, unwrapped } from './account.ts';
import { AccountError, isOfRelay } from './account-error.ts';
import { alarmOf, type Doubt, isDoubt, lacks } from './chain-doubt.ts';
import { ChainGate } from './chain-gate.ts';
import { lackingPosts } from './chain-post.ts';
import { settlePending } from './pending-links.ts';

/** How long after a relay did not say where the chain ends it is asked again, ms. */
const ASK_AGAIN_MS = 5_000;

/** How long after it has shown something that is refused, or held something back. */
const LOOK_AGAIN_MS = 30_000;

/** What the keeper works with. */
export interface ChainKeeperDeps {
  readonly ports: EnginePorts;
  readonly device: DeviceKeys;
  readonly account: Account;
  /** Keeps a connection, whether or not a computer is there. */
  readonly hold: (relay: string) => () => void;
  /** After a new state was kept, and before anything is opened by it. */
  readonly onState: () => Promise<void>;
  /** In step, before a link is signed; what it throws is why none is. */
  readonly onAct: (chain: ChainOrders) => Promise<void>;
  /** The chain is known, and nothing was opened yet: what has to be known before is read. Never rejects for the relay. */
  readonly onCaughtUp: (chain: ChainOrders) => Promise<void>;
  /** In step: what members have beside the links is fetched and written. */
  readonly onInStep: (chain: ChainOrders) => Promise<void>;
  /** A doubt is over: what waits may leave. */
  readonly onReady: (relay: string) => void;
  readonly onChange: () => void;
  readonly run: (work: () => Promise<void>) => void;
}

/**
 * Keeps the chain in step with the account's home relay: on every connection the head is asked first, what is new is
 * replayed and kept, and only then mail is opened (spec/account.md, "Pins").
 */
export class ChainKeeper {
  readonly #deps: ChainKeeperDeps;
  readonly #gate = new ChainGate();
  readonly #closed = new AbortController();
  /** Ends the wait after which the relay is asked again. */
  #waiting = new AbortController();
  /** Relays that keep another chain for the account that this device has there. */
  readonly #foreign = new Set<string>();
  #alarm: AccountView['alarm'] = null;
  /** Counts connections to the home relay: what was asked over a former one says nothing. */
  #connection = 0;
  /** Lets go of the home relay's connection. */
  #release: () => void = () => undefined;
  /** One thing after the other is asked of the relay, and done on the chain. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(deps: ChainKeeperDeps) {
    this.#deps = deps;
  }

  get alarm(): AccountView['alarm'] {
    return this.#alarm;
  }

  /** Whether this device is out of its account. */
  get isRemoved(): boolean {
    const { account, device } = this.#deps;
    return account.state.standingOf(device.id) === 'revoked';
  }

  /** Connects to the home relay, if there is one. */
  start(): void {
    const { relay } = this.#deps.account.row;
    if (relay !== null) this.#release = this.#deps.hold(relay);
  }

  /** The account has another home relay: begins there as after a start. */
  rehome(): void {
    const release = this.#release;
    this.#connection += 1;
    this.#gate.close();
    this.#setAlarm(null);
    this.start();
    release();
    if (this.#home() !== null) this.#deps.run(() => this.#goOn());
  }

  close(): void {
    this.#closed.abort();
    this.#waiting.abort();
  }

  isHome(relay: string): boolean {
    return this.#deps.account.row.relay === relay;
  }

  /** Whether a relay was found to keep another account's chain. */
  isForeign(relay: string): boolean {
    return this.#foreign.has(relay);
  }

  /** Throws {@link AccountError} where nothing may be decided. */
  checkMayDecide(): void {
    if (this.isRemoved) throw new AccountError('removed');
    if (this.#alarm !== null) throw new AccountError(this.#alarm.code);
  }

  /** Resolves with true once mail of this relay may be opened; with false where it never may. */
  async mayOpen(relay: string): Promise<boolean> {
    return this.isHome(relay) ? this.#gate.pass() : !this.isRemoved;
  }

  /** A relay is connected: resolves with true when its mail may be opened. */
  async connected(relay: string): Promise<boolean> {
    if (this.#deps.account.row.relay === null) {
      this.#deps.run(() => this.settleAt(relay));
      return true;
    }
    return this.isHome(relay) ? this.#follow() : !this.isRemoved;
  }

  /** The connection to a relay ended; `removed`: the relay does not know this device any more. */
  lost(relay: string, problem: string | null): void {
    if (!this.isHome(relay)) return;
    this.#connection += 1;
    this.#gate.close();
    if (problem === 'removed') this.#deps.run(() => this.#lookWhy(relay));
  }

  /** The relay says that the chain has another head. */
  async heard(relay: string, { seqno, hash }: Omit<ChainHead, 'account'>): Promise<void> {
    const { head } = this.#deps.account.state;
    if (this.isHome(relay) && (seqno !== head.seqno || !equal(hash, head.hash))) await this.#goOn();
  }

  /** Another device has told a head in its message; false when nothing of it may be acted on. */
  async met(head: Head, by: DeviceId): Promise<boolean> {
    return this.inOrder(async () => {
      const { account, onState } = this.#deps;
      const before = account.state;
      const met = await unwrapped(account.follower.meet(head, by, this.#closed.signal));
      if (isDoubt(met)) this.#doubt(met);
      if (account.state !== before) {
        await onState();
        this.shareSoon();
      }
      return this.#alarm === null && !this.isRemoved;
    });
  }

  /** Asks the relay for the chain again. Throws {@link AccountError}. */
  async check(): Promise<void> {
    await this.#goOn();
    this.checkMayDecide();
  }

  /** As {@link ChainKeeper.check}, where nobody waits for the outcome. */
  refresh(): Promise<void> {
    return this.#goOn();
  }

  /** The relay gives a per-user key that is not the chain's. */
  raiseBadKey(): void {
    this.#raise('bad-chain', this.#deps.account.state.perUserKey.added.seqno);
  }

  /** The orders at the home relay, with this device in step with it; throws {@link AccountError}. */
  async inStep(): Promise<ChainOrders> {
    const chain = this.#home();
    if (chain === null) throw new AccountError('not-connected');
    await this.#catchUp(chain);
    this.checkMayDecide();
    await this.#deps.onAct(chain);
    return chain;
  }

  /** What members have beside the links is exchanged, soon: something was done on the chain. */
  shareSoon(): void {
    const chain = this.#home();
    if (chain !== null) this.#inStepSoon(chain);
  }

  /** One after the other, with everything that asks the relay or changes the chain. */
  inOrder<R>(work: () => Promise<R>): Promise<R> {
    const run = this.#last.then(work);
    this.#last = run.catch(() => undefined);
    return run;
  }

  /** Posts the chain to a relay that may become the account's. */
  settleAt(relay: string): Promise<void> {
    return this.inOrder(async () => {
      const { account, hold, onChange, onState } = this.#deps;
      const chain = account.feed.chainAt(relay);
      if (account.row.relay !== null || chain === null) return;
      account.feed.relay = relay;
      try {
        await this.#postLacking(chain, null);
      } catch (error) {
        if (!isOfRelay(error)) throw error;
        this.#foreign.add(relay);
        onChange();
        return;
      }
      const caught = await this.#ask();
      if (caught.is !== 'current' && caught.is !== 'advanced') return;
      await account.change({ relay });
      this.#release = hold(relay);
      this.#gate.open();
      await onState();
      onChange();
      this.#inStepSoon(chain);
    });
  }

  /** Follows; what waited for a doubt to end goes on. */
  async #goOn(): Promise<void> {
    const { relay } = this.#deps.account.row;
    const waited = !this.#gate.isOpen;
    if ((await this.#follow()) && waited && relay !== null) this.#deps.onReady(relay);
  }

  /** In step with the home relay; true when nothing speaks against going on. */
  #follow(): Promise<boolean> {
    return this.inOrder(async () => {
      const chain = this.#home();
      if (chain === null) return false;
      const connection = this.#connection;
      await this.#catchUp(chain);
      if (this.isRemoved || this.#alarm !== null) return false;
      await this.#deps.onCaughtUp(chain);
      if (this.#isDoubted || connection !== this.#connection) return false;
      this.#gate.open();
      this.#inStepSoon(chain);
      return true;
    });
  }

  #inStepSoon(chain: ChainOrders): void {
    this.#deps.run(() => this.inOrder(() => this.#deps.onInStep(chain)));
  }

  get #isDoubted(): boolean {
    return this.#alarm !== null;
  }

  #home(): ChainOrders | null {
    const { account } = this.#deps;
    const { relay } = account.row;
    account.feed.relay = relay;
    return relay === null ? null : account.feed.chainAt(relay);
  }

  /** Asks, replays and keeps; what comes of it stands in the alarm. */
  async #catchUp(chain: ChainOrders): Promise<void> {
    const { account, onState, onChange } = this.#deps;
    const before = account.state;
    try {
      await settlePending(account, chain);
    } catch (error) {
      if (!isOfRelay(error)) throw error;
    }
    let caught = await this.#ask();
    if (lacks(caught)) caught = await this.#give(chain, caught);
    if (isDoubt(caught)) this.#doubt(caught);
    else if (lacks(caught)) this.#refuse('rolled-back', account.state.head.seqno);
    else this.#setAlarm(null);
    if (account.state === before) return;
    await onState();
    onChange();
  }

  async #ask(): Promise<CaughtUp> {
    try {
      return await unwrapped(this.#deps.account.follower.catchUp(this.#closed.signal));
    } catch (error) {
      if (!(error instanceof FollowError) || error.code !== 'cancelled') throw error;
      return { is: 'unreachable', cause: new NotConnectedError('closed') };
    }
  }

  /** A relay that has lost links is given them once more; one that still does not show them has rolled back. */
  async #give(chain: ChainOrders, caught: CaughtUp): Promise<CaughtUp> {
    const { account } = this.#deps;
    try {
      const told = await chain.ask();
      const head = told && { seqno: told.seqno, hash: parseLinkHash(told.hash) };
      // An open relay lets a removed device in as a stranger, who is on no chain.
      if (head === null && account.row.relay !== null) await this.#takeShown(account.row.relay);
      if (this.isRemoved) return { is: 'current', state: account.state };
      const known = head && account.state.hashAt(head.seqno);
      if (head && (!known || !equal(known, head.hash))) return caught;
      if (head?.seqno !== account.state.head.seqno) await this.#postLacking(chain, head);
    } catch (error) {
      // A head between two links that go together is no place to go on from.
      const isNoPlace = error instanceof RangeError || error instanceof ChainError;
      if (!isOfRelay(error) && !isNoPlace) throw error;
      return caught;
    }
    return this.#ask();
  }

  async #postLacking(chain: ChainOrders, prev: Head | null): Promise<void> {
    const { ports, device, account } = this.#deps;
    const giver = { primitives: ports.primitives, device, keys: account.perUserKeys };
    for (const post of await lackingPosts(giver, prev, await account.links())) await chain.post(post);
  }

  /** The relay sends this device away: the chain, which anybody may read, says why. */
  #lookWhy(relay: string): Promise<void> {
    return this.inOrder(async () => {
      await this.#takeShown(relay);
      await this.#deps.onState();
      this.#deps.onChange();
    });
  }

  /** Takes what the relay shows of the chain to anybody, also to a device that is not on it any more. */
  async #takeShown(relay: string): Promise<void> {
    const { account, ports } = this.#deps;
    const { state } = account;
    try {
      const fetched = await ports.fetchLinks(relay, state.account, state.head.seqno, this.#closed.signal);
      const links = decodeLinks(fetched.links, state.head.seqno + 1);
      if (links.length > 0) await account.take(links, {});
    } catch (error) {
      if (error instanceof ChainError) this.#raise(alarmOf(error.code), error.seqno);
      else if (!isOfRelay(error)) throw error;
    }
  }

  /** Says what is wrong. */
  #doubt(caught: Doubt): void {
    if (caught.is === 'withheld') {
      this.#refuse('withheld', caught.head.seqno);
      return;
    }
    if (caught.is === 'refused') {
      this.#refuse(alarmOf(caught.code), caught.seqno);
      return;
    }
    const { account } = this.#deps;
    if (caught.cause instanceof ChainError) {
      this.#refuse('bad-chain', caught.cause.seqno);
      return;
    }
    if (!isOfRelay(caught.cause)) throw caught.cause;
    if (this.#closed.signal.aborted || this.#home() === null) return;
    this.#refuse('no-head', account.state.head.seqno);
  }

  /** As {@link ChainKeeper.#raise}; and asks again in a while, whether or not a person does. */
  #refuse(code: AccountAlarmCode, seqno: number): void {
    const { ports, run } = this.#deps;
    this.#raise(code, seqno);
    this.#waiting.abort();
    this.#waiting = new AbortController();
    const { signal } = this.#waiting;
    run(async () => {
      await ports.clock.after(code === 'no-head' ? ASK_AGAIN_MS : LOOK_AGAIN_MS, signal).catch(() => undefined);
      if (!signal.aborted && this.#alarm !== null) await this.#goOn();
    });
  }

  #raise(code: AccountAlarmCode, seqno: number): void {
    this.#gate.close();
    this.#setAlarm({ code, seqno });
  }

  #setAlarm(alarm: AccountView['alarm']): void {
    if (this.#alarm === alarm) return;
    this.#alarm = alarm;
    this.#deps.onChange();
  }
}
