import type { Head } from '@palmkey/chain';
import type { CaughtUp } from '@palmkey/core/account';
import type { DeviceKeys } from '@palmkey/core/devices';
import { type ChainHead, type DeviceId, equal } from '@palmkey/envelope';
import type { ChainOrders, EnginePorts } from '../ports.ts';
import { type Account, unwrapped } from './account.ts';
import { AccountError, isOfRelay } from './account-error.ts';
import { ChainCatchUp } from './chain-catch-up.ts';
import { alarmAfter, type ChainAlarm, isDoubt } from './chain-doubt.ts';
import { ChainGate } from './chain-gate.ts';
import { StandingAlarm } from './standing-alarm.ts';

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
  readonly #asking: ChainCatchUp;
  readonly #gate = new ChainGate();
  readonly #closed = new AbortController();
  readonly #alarm: StandingAlarm;
  /** Relays that keep another chain for the account that this device has there. */
  readonly #foreign = new Set<string>();
  /** The relay gave a per-user key that is not the chain's, and has not given the right one since. */
  #isBadKey = false;
  /** Counts connections to the home relay: what was asked over a former one says nothing. */
  #connection = 0;
  /** Lets go of the home relay's connection. */
  #release: () => void = () => undefined;
  /** One thing after the other is asked of the relay, and done on the chain. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(deps: ChainKeeperDeps) {
    const { ports, run, onChange } = deps;
    this.#deps = deps;
    this.#asking = new ChainCatchUp({ ...deps, signal: this.#closed.signal });
    this.#alarm = new StandingAlarm(ports.clock, { onChange, onAskAgain: () => run(() => this.#goOn()) });
  }

  get alarm(): ChainAlarm | null {
    return this.#alarm.current;
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
    this.#isBadKey = false;
    this.#alarm.clear();
    this.start();
    release();
    if (this.#home() !== null) this.#deps.run(() => this.#goOn());
  }

  close(): void {
    this.#closed.abort();
    this.#alarm.close();
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
    if (this.alarm !== null) throw new AccountError(this.alarm.code);
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
      if (isDoubt(met)) this.#judge(met);
      if (account.state !== before) {
        await onState();
        this.shareSoon();
      }
      return this.#isSound();
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

  /** The relay gives a per-user key that is not the chain's: nothing is decided until {@link ChainKeeper.keysHold}. */
  raiseBadKey(): void {
    this.#isBadKey = true;
    this.#raise({ code: 'bad-chain', seqno: this.#deps.account.state.perUserKey.added.seqno }, { askAgain: true });
  }

  /** This device has the chain's per-user key. Part of `onCaughtUp`, after which the mail is opened. */
  keysHold(): void {
    if (!this.#isBadKey) return;
    this.#isBadKey = false;
    this.#alarm.clear();
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
        await this.#asking.postAfter(chain, null);
      } catch (error) {
        if (!isOfRelay(error)) throw error;
        this.#foreign.add(relay);
        onChange();
        return;
      }
      const caught = await this.#asking.ask();
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
      const isRight = await this.#catchUp(chain);
      if (this.isRemoved || !isRight) return false;
      await this.#deps.onCaughtUp(chain);
      // What was read may have raised an alarm.
      if (!this.#isSound() || connection !== this.#connection) return false;
      this.#gate.open();
      this.#inStepSoon(chain);
      return true;
    });
  }

  #inStepSoon(chain: ChainOrders): void {
    this.#deps.run(() => this.inOrder(() => this.#deps.onInStep(chain)));
  }

  /** Whether this device is of the account, and nothing is in doubt. */
  #isSound(): boolean {
    return this.alarm === null && !this.isRemoved;
  }

  #home(): ChainOrders | null {
    const { account } = this.#deps;
    const { relay } = account.row;
    account.feed.relay = relay;
    return relay === null ? null : account.feed.chainAt(relay);
  }

  /** Asks, replays and keeps; true when nothing speaks against the chain. What comes of it stands in the alarm. */
  async #catchUp(chain: ChainOrders): Promise<boolean> {
    const { account, onState, onChange } = this.#deps;
    const before = account.state;
    const isRight = this.#judge(await this.#asking.catchUp(chain));
    if (account.state !== before) {
      await onState();
      onChange();
    }
    return isRight;
  }

  /** The relay sends this device away: the chain, which anybody may read, says why. */
  #lookWhy(relay: string): Promise<void> {
    return this.inOrder(async () => {
      const alarm = await this.#asking.takeShown(relay);
      if (alarm !== null) this.#raise(alarm, { askAgain: false });
      await this.#deps.onState();
      this.#deps.onChange();
    });
  }

  /** Says what is wrong; or that nothing is, with true. An alarm for the per-user key stays. */
  #judge(caught: CaughtUp): boolean {
    const alarm = alarmAfter(caught, this.#deps.account.state.head.seqno);
    if (alarm === null) {
      if (this.#isBadKey) this.raiseBadKey();
      else this.#alarm.clear();
      return true;
    }
    // Without a connection nobody was asked.
    const isGone = this.#closed.signal.aborted || this.#home() === null;
    if (alarm.code !== 'no-head' || !isGone) this.#raise(alarm, { askAgain: true });
    return false;
  }

  #raise(alarm: ChainAlarm, how: Parameters<StandingAlarm['raise']>[1]): void {
    this.#gate.close();
    this.#alarm.raise(alarm, how);
  }
}
