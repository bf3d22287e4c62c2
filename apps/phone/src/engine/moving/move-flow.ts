/**
 * The account's way to another relay, on the device that moves it and on those that follow (spec/account.md, "Another
 * relay"). The step that it is at is on disk before it is done, and every step can be done twice.
 */
import { placeOfHead } from '@palmkey/chain';
import { parseMove, signMove } from '@palmkey/core/account';
import type { DeviceKeys } from '@palmkey/core/devices';
import { type AccountRecord, equal, PalmkeyError, parseGrant, RelayError } from '@palmkey/envelope';
import type { MovingView, NewRelay } from '../../model/account-view.ts';
import type { SignInForm } from '../../model/model.ts';
import type { MoveUnderWay } from '../../store/schema.ts';
import type { Store } from '../../store/store.ts';
import { StoreError } from '../../store/store.ts';
import type { Account } from '../account/account.ts';
import { isOfRelay } from '../account/account-error.ts';
import type { ChainKeeper } from '../account/chain-keeper.ts';
import type { EnginePorts, RelayLink } from '../ports.ts';
import type { RelayLinks } from '../relay-links.ts';
import { TakenElsewhereError } from '../replay-store.ts';
import { MovingError } from './moving-error.ts';
import { bringChain, copyRecords } from './new-home.ts';
import { comeBack, compareChain, NewRelayLook } from './new-relay.ts';
import { leaveWord, mayTell, outbid, type ToldMove, toldMove } from './told-move.ts';

/** How long after a step came to nothing for now it is done again, ms. */
const AGAIN_MS = 10_000;

/** What a flow works with. */
export interface MoveFlowDeps {
  readonly ports: EnginePorts;
  readonly device: DeviceKeys;
  readonly account: Account;
  readonly keeper: ChainKeeper;
  readonly links: Pick<RelayLinks, 'hold' | 'during' | 'chainAt' | 'isReplaced' | 'takeBack'>;
  readonly store: Store;
  /** Null: nothing is under way. */
  readonly show: (view: MovingView | null) => void;
  /** The chain has gone on. */
  readonly onState: () => Promise<void>;
  /** The account is at home elsewhere: `isSame`, by another address of the same relay. */
  readonly onMoved: (from: string | null, isSame: boolean) => Promise<void>;
  /** The account stays where it is, against what was told. */
  readonly onStayed: () => Promise<void>;
  readonly nameOf: (by: Uint8Array) => string | null;
  readonly run: (work: () => Promise<void>) => void;
}

export class MoveFlow {
  readonly #deps: MoveFlowDeps;
  readonly #closed = new AbortController();
  #row: MoveUnderWay | null = null;
  readonly #look: NewRelayLook;
  #running: Promise<void> | null = null;
  /** Ends the wait for the next try, or the step. */
  #turn = new AbortController();

  constructor(deps: MoveFlowDeps) {
    this.#deps = deps;
    this.#look = new NewRelayLook(deps);
  }

  /** See `MovingModel.look`. */
  look(text: string, invitation: string | null): Promise<NewRelay> {
    return this.#look.look(text, invitation);
  }

  /** See `MovingModel.signIn`. */
  signIn(): Promise<SignInForm> {
    return this.#look.signIn();
  }

  /** Moves to what was looked at last. Throws {@link MovingError}, AccountError, StoreError. */
  async begin(): Promise<void> {
    const looked = this.#look.found;
    if (looked === null) throw new MovingError('not-looked-at');
    if (this.#row !== null) return;
    mayTell(this.#deps);
    this.#look.forget();
    const { relay: to, grant } = looked;
    await this.#save({ id: 'moving', to, grant: grant && new Uint8Array(grant), step: 'posting', notice: null });
    this.#go();
  }

  /** Goes on where a former run of the app ended. */
  resume(row: MoveUnderWay): void {
    if (this.#row !== null) return;
    this.#row = row;
    this.#go();
  }

  /** Judges the word that stands at the home relay; whether the account is elsewhere by it, and is followed there. */
  async hear(word: AccountRecord): Promise<boolean> {
    const { account, run } = this.#deps;
    const { moved, relay } = account.row;
    const told = await toldMove(this.#deps, [word], moved?.n ?? 0);
    if (told === null) return false;
    if (told.relay === relay) {
      await account.change({ moved: { n: told.n, notice: told.notice, from: moved?.from ?? null, stayed: true } });
      // An earlier word is followed no more; not now either.
      run(() => this.#goAgain());
      return false;
    }
    // Not now: to follow asks the relay too, and waits for its turn.
    run(() => this.#follow(told));
    return true;
  }

  /** A move of one's own that nobody was told of gives way. */
  async #follow({ relay, notice }: ToldMove): Promise<void> {
    if (this.#row?.step === 'telling' || this.#row?.to === relay) return;
    this.#turn.abort();
    await this.#running;
    await this.#save({ id: 'moving', to: relay, grant: null, step: 'following', notice });
    this.#go();
  }

  /** At once, where it waits to try again. */
  async #goAgain(): Promise<void> {
    if (this.#row?.step !== 'following') return;
    this.#turn.abort();
    await this.#running;
    this.#go();
  }

  /** Only before anybody was told. */
  async cancel(): Promise<void> {
    await this.#look.endSignIn();
    if (this.#row === null || this.#row.step === 'telling' || this.#row.step === 'following') return;
    this.#turn.abort();
    await this.#running;
    // It may have got as far meanwhile.
    if (this.#isCancellable()) {
      await this.#save(null);
      this.#deps.show(null);
    }
  }

  /**
   * Stays, where another member's word is not to be followed: a later word, that the account is here, takes its place, so
   * that every other device that has not gone stays too. Where yet another word stands by now, that one is heard. Rejects
   * as {@link begin}, and as the relay does: then it is followed on.
   */
  async stay(): Promise<void> {
    const row = this.#row;
    if (row?.step !== 'following' || row.notice === null) return;
    mayTell(this.#deps);
    this.#turn.abort();
    await this.#running;
    try {
      if (this.#row === row && (await this.#outbid(row.notice))) await this.#deps.onStayed();
    } finally {
      this.#go();
    }
  }

  /**
   * Has the former relay forget the account. Nothing is done where it turns out to be the same relay as the new one.
   * Rejects as the relay does.
   */
  async endFormer(): Promise<void> {
    const { account, links } = this.#deps;
    const { moved, relay } = account.row;
    if (moved?.from == null || relay === null) return;
    try {
      await links.during(moved.from, null, async (link) => {
        // A device has one connection to a relay: where both lead to the same, the other one has just ended.
        const home = links.chainAt(relay);
        if (home === null || (await home.ask()) === null) throw new MovingError('unreachable');
        await link.deleteAccount().catch((error: unknown) => {
          // The answer to the last order of a device that is forgotten by it may be this alone.
          if (link.state.problem !== 'removed') throw error;
        });
      });
    } catch (error) {
      const isGone = error instanceof RelayError && ['removed', 'not-admitted', 'no-chain'].includes(error.code);
      if (!isGone) throw error;
    } finally {
      comeBack(links, account);
    }
    await this.leaveFormer();
  }

  /** Nothing is to be done about the former relay any more. */
  async leaveFormer(): Promise<void> {
    const { account } = this.#deps;
    const { moved } = account.row;
    if (moved !== null) await account.change({ moved: { ...moved, from: null } });
  }

  close(): void {
    this.#closed.abort();
    this.#turn.abort();
  }

  /** Puts a word of one's own, that the account is where it is, in the place of that one; false where another stands there. */
  async #outbid(told: Uint8Array): Promise<boolean> {
    const { account, links, show } = this.#deps;
    const { relay, moved } = account.row;
    if (relay === null) throw new RangeError('an account at no relay');
    const n = parseMove(told).n + 1;
    const notice = await this.#sign(relay, n);
    const isLeft = await links.during(relay, null, ({ chain }) => outbid(this.#deps, { told, notice }, chain));
    if (!isLeft) return false;
    await account.change({ moved: { n, notice, from: moved?.from ?? null, stayed: true } });
    await this.#save(null);
    show(null);
    return true;
  }

  /** Whether there was a later word than that which this follows. */
  #isOutbid({ notice }: MoveUnderWay): boolean {
    return notice !== null && parseMove(notice).n <= (this.#deps.account.row.moved?.n ?? 0);
  }

  #isCancellable(): boolean {
    return this.#row !== null && (this.#row.step === 'posting' || this.#row.step === 'copying');
  }

  #go(): void {
    if (this.#running !== null || this.#closed.signal.aborted) return;
    this.#turn = new AbortController();
    const running = this.#run(this.#turn.signal).finally(() => {
      this.#running = null;
    });
    this.#running = running.catch(() => undefined);
    this.#deps.run(() => running);
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { account, links, ports, show } = this.#deps;
    const to = this.#row?.to;
    if (to === undefined) return;
    const release = links.hold(to, this.#row?.grant ? parseGrant(this.#row.grant) : null);
    try {
      while (this.#row !== null && !signal.aborted) {
        show(this.#view(this.#row, null));
        try {
          await this.#step(this.#row, signal);
        } catch (error) {
          if (isOver(signal) || error instanceof TakenElsewhereError) return;
          if (error instanceof StoreError || !(error instanceof PalmkeyError)) throw error;
          if (isFinal(error) && (await this.#fail(error))) return;
          show(this.#view(this.#row, error.code));
          await ports.clock.after(AGAIN_MS, signal).catch(() => undefined);
        }
      }
    } finally {
      release();
      comeBack(links, account);
    }
  }

  /** False where it cannot be given up any more. */
  async #fail({ code }: PalmkeyError): Promise<boolean> {
    const { show } = this.#deps;
    const row = this.#row;
    if (row === null || row.step === 'telling' || row.step === 'following') return false;
    await this.#save(null);
    show({ is: 'failed', to: row.to, code });
    return true;
  }

  async #step(row: MoveUnderWay, signal: AbortSignal): Promise<void> {
    switch (row.step) {
      case 'posting':
        await this.#bring(row, signal);
        await this.#save({ ...row, step: 'copying' });
        return;
      case 'copying':
        await this.#copy(row);
        if (signal.aborted) return;
        await this.#save({
          ...row,
          step: 'telling',
          notice: await this.#sign(row.to, (this.#deps.account.row.moved?.n ?? 0) + 1),
        });
        return;
      case 'telling':
        await this.#tell(row);
        return;
      case 'following':
        if (!this.#isOutbid(row)) await this.#bring(row, signal);
        if (!this.#isOutbid(row)) return this.#arrive(row, row.notice);
        await this.#save(null);
        this.#deps.show(null);
        return;
    }
  }

  async #bring(row: MoveUnderWay, signal: AbortSignal): Promise<void> {
    const { links, account, onState } = this.#deps;
    const before = account.state;
    const bring = async (link: RelayLink): Promise<void> => {
      await compareChain(account, link);
      await bringChain(this.#deps, row.to, link.chain, signal);
    };
    await links.during(row.to, null, bring, signal);
    if (account.state !== before) await onState();
    if (row.step !== 'following' || row.notice === null) return;
    // What the member has seen there has to be there.
    const { head } = parseMove(row.notice);
    const place = placeOfHead(account.state, head);
    if (place === 'ahead') throw new MovingError('rolled-back');
    if (place === 'forked') throw new MovingError('forked');
  }

  async #copy({ to }: MoveUnderWay): Promise<void> {
    const { account, links } = this.#deps;
    const from = account.row.relay;
    const records = await this.#atFormer(from, (link) => link.chain.records());
    if (records !== null) await links.during(to, null, (link) => copyRecords(records, link.chain));
  }

  /** Null where the former relay is the new one by another address, or is not there. */
  async #atFormer<R>(from: string | null, order: (link: RelayLink) => Promise<R>): Promise<R | null> {
    const { links } = this.#deps;
    if (from === null || links.isReplaced(from)) return null;
    try {
      return await links.during(from, null, order);
    } catch (error) {
      if (isOfRelay(error) && !isConflict(error)) return null;
      throw error;
    }
  }

  #sign(relay: string, n: number): Promise<Uint8Array> {
    const { account, device } = this.#deps;
    const { state } = account;
    return signMove(device, { account: state.account, relay, n, head: state.head });
  }

  /** The first word that stands at the present relay is the one that counts: another member's is followed. */
  async #tell(row: MoveUnderWay): Promise<void> {
    const { account, links } = this.#deps;
    const { notice } = row;
    if (notice === null) throw new RangeError('a step without its notice');
    const leave = async ({ chain }: RelayLink): Promise<ToldMove | null> => {
      const records = await chain.records();
      const other = await toldMove(this.#deps, records, account.row.moved?.n ?? 0);
      if (other !== null && !equal(other.notice, notice)) return other;
      if (other === null) await leaveWord(this.#deps, records, notice, chain);
      return null;
    };
    const other = (await this.#atFormer(account.row.relay, leave)) ?? (await links.during(row.to, null, leave));
    if (other === null || other.relay === row.to) {
      await this.#arrive(row, other?.notice ?? notice);
      return;
    }
    await this.#save({ id: 'moving', to: other.relay, grant: null, step: 'following', notice: other.notice });
    this.#turn.abort();
    // With a connection to that relay.
    queueMicrotask(() => void this.#running?.then(() => this.#go()));
  }

  async #arrive({ to }: MoveUnderWay, notice: Uint8Array | null): Promise<void> {
    const { account, links, onMoved, show } = this.#deps;
    if (notice === null) throw new RangeError('a step without its notice');
    const { n } = parseMove(notice);
    const former = account.row.relay === to ? (account.row.moved?.from ?? null) : account.row.relay;
    const isSame = former !== null && links.isReplaced(former);
    await account.change({
      relay: to,
      moved: { n, notice, from: isSame ? null : former },
      // What the new relay lacks of them it is given.
      facts: account.allFacts.map((facts) => ({ ...facts, shared: false })),
    });
    await this.#save(null);
    show(null);
    await onMoved(former, isSame);
  }

  async #save(row: MoveUnderWay | null): Promise<void> {
    await this.#deps.store.transact('write', ['moving'], (transaction) =>
      row === null ? transaction.delete('moving', 'moving') : transaction.put('moving', row),
    );
    this.#row = row;
  }

  #view({ to, step, notice }: MoveUnderWay, problem: string | null): MovingView {
    if (step !== 'following') return { is: 'moving', to, step, problem };
    return { is: 'following', to, by: notice && this.#deps.nameOf(parseMove(notice).by), problem };
  }
}

function isConflict(error: unknown): boolean {
  return error instanceof RelayError && error.code === 'conflict';
}

/** Asked anew: it may have ended while a step was done. */
function isOver(signal: AbortSignal): boolean {
  return signal.aborted;
}

/** Whether it would be the same the next time. */
function isFinal(error: PalmkeyError): boolean {
  if (error instanceof MovingError) return true;
  return error instanceof RelayError && !['unavailable', 'rate-limited', 'conflict', 'draining'].includes(error.code);
}
