import { ChainError } from '@palmkey/chain';
import { importPerUserKeys, parsePerUserBox, parsePreviousSeed, PerUserKeyError } from '@palmkey/core/account';
import type { DeviceKeys } from '@palmkey/core/devices';
import { BytesError, type ChainHead, FrameError, PalmkeyError, RelayError } from '@palmkey/envelope';
import type { AccountAlarmCode, AccountView } from '../../model/account-view.ts';
import type { ChainOrders, EnginePorts } from '../ports.ts';
import type { Turns } from '../turns.ts';
import type { Account, AccountChange } from './account.ts';
import { accountView } from './account-view.ts';
import { relayPlace, takeLinks, type NewLinks } from './chain-follow.ts';
import { ChainGate } from './chain-gate.ts';
import { chainPost } from './chain-post.ts';
import { perUserKeysOf } from './per-user-keys.ts';

/** How long after a relay did not say where the chain ends it is asked again, ms. */
const ASK_AGAIN_MS = 5_000;

/** What the chain forbids for now: `removed` (this device is out of the account), or the alarm's code. */
export class AccountError extends PalmkeyError {
  override readonly name = 'AccountError';
  readonly code: AccountAlarmCode | 'removed' | 'not-connected';

  constructor(code: AccountError['code'], options?: ErrorOptions) {
    super(code, options);
    this.code = code;
  }
}

/** What the keeper works with. */
export interface AccountKeeperDeps {
  readonly ports: EnginePorts;
  readonly device: DeviceKeys;
  readonly account: Account;
  readonly turns: Turns;
  /** The orders about chains at a relay; null while there is no connection. */
  readonly chainAt: (relay: string) => ChainOrders | null;
  /** Keeps the connection to the home relay, whether or not a computer is there. */
  readonly hold: (relay: string) => void;
  /** After a doubt is over: mail of this relay may be opened, and what waits may leave. */
  readonly onReady: (relay: string) => void;
  readonly onChange: () => void;
  readonly run: (work: () => Promise<void>) => void;
}

/**
 * Keeps this device's account in step with its home relay: on every connection the head is asked first, what is new is
 * replayed and kept, and only then mail is opened (spec/account.md, "Pins").
 */
export class AccountKeeper {
  readonly #deps: AccountKeeperDeps;
  readonly #gate = new ChainGate();
  readonly #closed = new AbortController();
  #alarm: AccountView['alarm'] = null;
  /** Counts connections to the home relay: what was asked over a former one says nothing. */
  #connection = 0;
  /** One thing after the other is asked of the relay. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(deps: AccountKeeperDeps) {
    this.#deps = deps;
  }

  /** Connects to the home relay, if there is one. */
  start(): void {
    if (this.account.relay !== null) this.#deps.hold(this.account.relay);
  }

  get account(): Account {
    return this.#deps.account;
  }

  view(): AccountView {
    const { account, device } = this.#deps;
    return { ...accountView(account, device.id), outside: [], alarm: this.#alarm };
  }

  /** Whether this device is out of its account. */
  get isRemoved(): boolean {
    return this.account.state.standingOf(this.#deps.device.id) !== 'active';
  }

  isHome(relay: string): boolean {
    return this.account.relay === relay;
  }

  /** Throws {@link AccountError} where nothing may be decided. */
  checkMayDecide(): void {
    if (this.isRemoved) throw new AccountError('removed');
    if (this.#alarm !== null) throw new AccountError(this.#alarm.code);
  }

  /** Resolves once mail of this relay may be opened; with false where it never may. */
  async mayOpen(relay: string): Promise<boolean> {
    if (!this.isHome(relay)) return !this.isRemoved;
    return this.#gate.pass();
  }

  /** A relay is connected: resolves with true when its mail may be opened. */
  async connected(relay: string): Promise<boolean> {
    if (this.account.relay === null) {
      this.#deps.run(() => this.#settleAt(relay));
      return true;
    }
    return this.isHome(relay) ? this.#follow() : !this.isRemoved;
  }

  /** The connection to a relay ended. */
  lost(relay: string): void {
    if (!this.isHome(relay)) return;
    this.#connection += 1;
    this.#gate.close();
  }

  /** The relay says that the chain has another head. */
  async heard(relay: string, head: ChainHead): Promise<void> {
    if (!this.isHome(relay) || head.seqno === this.account.head.seqno) return;
    await this.#goOn();
  }

  /** Asks the relay again, for a person or for a sender that this device does not know. */
  async check(): Promise<void> {
    await this.#goOn();
    this.checkMayDecide();
  }

  /** Posts the chain to a relay, which may become the account's; see `account.relay` for whether it has. */
  settleAt(relay: string): Promise<void> {
    return this.#settleAt(relay);
  }

  close(): void {
    this.#closed.abort();
  }

  /** Follows; what waited for a doubt to end goes on. */
  async #goOn(): Promise<void> {
    const { relay } = this.account;
    const waited = !this.#gate.isOpen;
    if ((await this.#follow()) && waited && relay !== null) this.#deps.onReady(relay);
  }

  /** In step with the home relay; true when nothing speaks against going on. */
  #follow(): Promise<boolean> {
    return this.#inOrder(async () => {
      const { relay } = this.account;
      const chain = relay === null ? null : this.#deps.chainAt(relay);
      if (relay === null || chain === null) return false;
      const connection = this.#connection;
      try {
        await this.#catchUp(relay, chain);
      } catch (error) {
        this.#gate.close();
        this.#doubt(error);
        return false;
      }
      if (this.isRemoved || connection !== this.#connection) return false;
      this.#setAlarm(null);
      this.#gate.open();
      this.#deps.run(() => this.#inOrder(() => this.#complete(chain)));
      return true;
    });
  }

  async #catchUp(relay: string, chain: ChainOrders): Promise<void> {
    const { ports } = this.#deps;
    for (let posted = false; ; posted = true) {
      const place = relayPlace(this.account.state, await chain.ask());
      switch (place.is) {
        case 'same':
          return;
        case 'ahead': {
          const { state } = this.account;
          const fetched = await ports.fetchLinks(relay, state.account, state.head.seqno, this.#closed.signal);
          await this.#take(await takeLinks(ports.primitives, state, fetched, place.head));
          return;
        }
        case 'behind':
          // A relay that has lost links is given them once more; one that still does not show them has rolled back.
          if (posted) throw new ChainError('rolled-back', this.account.head.seqno);
          await this.#postAfter(chain, place.seqno);
      }
    }
  }

  async #postAfter(chain: ChainOrders, seqno: number): Promise<void> {
    const { ports, device, account } = this.#deps;
    const hash = account.state.hashAt(seqno);
    const prev = hash === undefined ? null : { seqno, hash };
    const links = account.links.slice(seqno);
    await chain.post(await chainPost(ports.primitives, device, account.perUserKeys, prev, links, account.state));
  }

  /** Keeps links that were replayed, and what follows from them for the computers. */
  async #take(links: NewLinks): Promise<void> {
    await this.#change(links);
    this.#deps.onChange();
  }

  /** Posts the chain to a relay that may become the account's. */
  #settleAt(relay: string): Promise<void> {
    return this.#inOrder(async () => {
      const chain = this.#deps.chainAt(relay);
      if (this.account.relay !== null || chain === null) return;
      try {
        await this.#catchUp(relay, chain);
      } catch (error) {
        // This relay does not take it: it has another chain for this device's account there, or cannot.
        if (error instanceof ChainError || isOfRelay(error)) return;
        throw error;
      }
      await this.#change({ relay });
      this.#deps.hold(relay);
      this.#gate.open();
      this.#deps.onChange();
      await this.#complete(chain);
    });
  }

  /** What members have beside the links: the latest per-user key, and names. */
  async #complete(chain: ChainOrders): Promise<void> {
    try {
      await this.#importKeys(chain);
    } catch (error) {
      if (error instanceof PerUserKeyError) this.#raise('bad-chain', this.account.state.perUserKey.added.seqno);
      else if (!isOfRelay(error)) throw error;
    }
  }

  async #importKeys(chain: ChainOrders): Promise<void> {
    const { ports, device, account } = this.#deps;
    const { state } = account;
    if (account.perUserKeys.length === state.perUserKey.generation) return;
    const answer = await chain.boxes();
    if (answer.box === null) throw new PerUserKeyError('wrong-receiver', state.perUserKey.generation);
    const box = parsePerUserBox(answer.box);
    const seeds = answer.seeds.map(parsePreviousSeed);
    const keys = await importPerUserKeys(ports.primitives, device, perUserKeysOf(state), box, seeds);
    await this.#change({ perUserKey: { keys, box, seeds } });
  }

  #change(change: AccountChange, beside?: Parameters<Account['change']>[1]): Promise<void> {
    return this.#deps.turns.exclusively(() => this.account.change(change, beside));
  }

  /** Says what is wrong; a relay that only does not answer is asked again. */
  #doubt(error: unknown): void {
    if (error instanceof ChainError) {
      const code = error.code === 'rolled-back' || error.code === 'forked' ? error.code : 'bad-chain';
      this.#raise(code, error.seqno);
      return;
    }
    if (!isOfRelay(error)) throw error;
    const { relay, head } = this.account;
    if (relay === null || this.#deps.chainAt(relay) === null) return;
    this.#raise('no-head', head.seqno);
    this.#deps.run(async () => {
      await this.#deps.ports.clock.after(ASK_AGAIN_MS, this.#closed.signal).catch(() => undefined);
      if (!this.#closed.signal.aborted && this.#alarm?.code === 'no-head') await this.#goOn();
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

  #inOrder<R>(work: () => Promise<R>): Promise<R> {
    const run = this.#last.then(work);
    this.#last = run.catch(() => undefined);
    return run;
  }
}

/** Whether it is about the relay, or the way to it: nothing is said about the chain by it. */
function isOfRelay(error: unknown): boolean {
  if (error instanceof RelayError || error instanceof FrameError || error instanceof BytesError) return true;
  return error instanceof PalmkeyError && error.name === 'RelayClientError';
}
