import {
  ChainError,
  type ChainState,
  checkPin,
  type Head,
  type LinkPlace,
  parseLink,
  parseLinkHash,
  placeAfter,
  placeOfHead,
  replay,
  replayPinned,
  type SignedLink,
} from '@palmkey/chain';
import { type AccountId, type ChainHead, type DeviceId, equal, toHex } from '@palmkey/envelope';
import { type Primitives, sha256 } from '../crypto/index.ts';
import type {
  CaughtUp,
  ChainFeed,
  ChainNote,
  ChainShelf,
  RefusedChain,
  SavedChain,
  SignedPlace,
  ToldHead,
} from './chain-follower-ports.ts';
import { FollowError } from './errors.ts';
import { SharedFlight } from './shared-flight.ts';

/** What a follower works with. */
export interface FollowerDeps {
  readonly primitives: Pick<Primitives, 'verify'>;
  readonly feed: ChainFeed;
  readonly shelf: ChainShelf;
  /** Ms since 1970 UTC. */
  readonly now: () => number;
  /** The account that it has to be; null where the first that the relay tells is taken. */
  readonly account: AccountId | null;
}

/** What somebody who follows a chain is told when it has gone on. */
type Listener = (state: ChainState) => void;

/**
 * One account's chain as one device follows it (spec/account.md, "Pins"): what it replays is on the shelf before anybody
 * sees it, and nothing goes back behind that. Everything that changes it happens one after the other.
 */
export class ChainFollower {
  readonly #deps: FollowerDeps;
  readonly #flight: SharedFlight<CaughtUp>;
  readonly #listeners = new Set<Listener>();
  #state: ChainState | null;
  #note: ChainNote;
  /** By device, in hex. */
  readonly #told = new Map<string, ToldHead>();
  #turn: Promise<unknown> = Promise.resolve();

  /** For {@link ChainFollower.open} alone. */
  private constructor(deps: FollowerDeps, state: ChainState | null, note: ChainNote) {
    this.#deps = deps;
    this.#state = state;
    this.#note = note;
    this.#flight = new SharedFlight((signal) => this.#fly(signal));
  }

  /**
   * Goes on from what is on the shelf, null where nothing is. Rejects with `ChainError` where that is no chain that reaches
   * its pin, and {@link FollowError} `other-account`: then nothing can be decided by it.
   */
  static async open(deps: FollowerDeps, saved: SavedChain | null): Promise<ChainFollower> {
    if (saved === null || saved.links.length === 0) {
      return new ChainFollower(deps, null, { pin: saved?.pin ?? null, signed: saved?.signed ?? null });
    }
    const state = await replayPinned({ ...deps.primitives, sha256 }, saved.links, null, saved.pin);
    if (deps.account !== null && !equal(deps.account, state.account)) throw new FollowError('other-account');
    return new ChainFollower(deps, state, { pin: saved.pin, signed: saved.signed });
  }

  /** The chain as far as it is known; null before its first link. */
  get state(): ChainState | null {
    return this.#state;
  }

  /** The newest head that a relay has told and replay has confirmed; null before. */
  get pin(): Head | null {
    return this.#note.pin;
  }

  /** Where this device has signed a link that is not on the chain. */
  get signed(): SignedPlace | null {
    return this.#note.signed;
  }

  /** Of each device that has told a head which the chain does not hold: the newest. */
  get told(): readonly ToldHead[] {
    return [...this.#told.values()];
  }

  /** Tells of each new state, once it is kept; returns how to stop that. */
  onAdvance(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Asks the relay for the head and fetches, replays and keeps what is new; whoever asks meanwhile gets the same answer.
   * Rejects with {@link FollowError} `not-kept` where the shelf fails, and `cancelled`.
   */
  catchUp(signal: AbortSignal): Promise<CaughtUp> {
    return this.#flight.join(signal);
  }

  /**
   * Takes a head that another device has told: catches up where it is newer, and is `forked` where another link stands
   * there. Until the chain holds it, asking the relay comes to no more than that: `withheld`, or `forked`. Rejects as
   * {@link catchUp}.
   */
  async meet(head: Head, by: DeviceId, signal: AbortSignal): Promise<CaughtUp> {
    const met = this.#placeOf(head);
    if (met?.is === 'current') return met;
    const before = this.#told.get(toHex(by));
    if (before === undefined || before.head.seqno < head.seqno) this.#told.set(toHex(by), { head, by });
    if (met !== null) return met;
    const caught = await this.catchUp(signal);
    // A run that was under way may have asked before the head was there: the second has not.
    return caught.is === 'withheld' ? this.catchUp(signal) : caught;
  }

  /** Lets go of what other devices have told: a person has been told of it, and asks the relay all the same. */
  forgetTold(): void {
    this.#told.clear();
  }

  /** The same of what these have told: who takes a device out does so whatever it says. */
  forgetToldBy(ids: readonly DeviceId[]): void {
    for (const id of ids) this.#told.delete(toHex(id));
  }

  /** Takes links that this device has posted, or has heard of otherwise, as a relay has them. Rejects as {@link keep}. */
  async take(links: readonly SignedLink[]): Promise<ChainState> {
    return this.#inTurn(async () => {
      const { state, added } = await this.#replayed(links);
      await this.#advance(state, added, state.head);
      return state;
    });
  }

  /**
   * Takes links that this device has made and no relay has: the pin stays. Rejects with `ChainError` where the chain does
   * not go on with them, and {@link FollowError} `not-kept` and `other-account`.
   */
  async keep(links: readonly SignedLink[]): Promise<ChainState> {
    return this.#inTurn(async () => {
      const { state, added } = await this.#replayed(links);
      await this.#advance(state, added, this.#note.pin);
      return state;
    });
  }

  /**
   * Notes, before it is done, that this device signs a link there. Rejects with {@link FollowError}: `already-signed` if it
   * has signed one there that may still come, `not-the-end` if the chain ends elsewhere. `endsAt`: until when a relay would
   * take the link (ms since 1970), where another device posts it; null: as long as nothing else stands there.
   */
  async reserve({ seqno, prev }: Pick<LinkPlace, 'seqno' | 'prev'>, endsAt: number | null = null): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#state === null) throw new FollowError('not-the-end');
      const next = placeAfter(this.#state);
      if (next.seqno !== seqno || !equal(next.prev, prev)) throw new FollowError('not-the-end');
      const { signed } = this.#note;
      if (signed !== null && (signed.endsAt === null || this.#deps.now() <= signed.endsAt)) {
        throw new FollowError('already-signed');
      }
      await this.#save([], { ...this.#note, signed: { seqno, prev, endsAt } });
    });
  }

  /** Lets go of that note: a relay has refused the link for good, and nobody else has it. */
  async release({ seqno }: Pick<LinkPlace, 'seqno'>): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#note.signed?.seqno === seqno) await this.#save([], { ...this.#note, signed: null });
    });
  }

  async #fly(signal: AbortSignal): Promise<CaughtUp> {
    let head: ChainHead | null;
    let links: readonly SignedLink[] = [];
    let first = 1;
    try {
      head = await this.#deps.feed.head(signal);
      const account = this.#state?.account ?? this.#deps.account;
      if (head && account && !equal(head.account, account)) {
        return { is: 'refused', code: 'other-account', seqno: head.seqno, reason: null };
      }
      const known = this.#state?.head.seqno ?? 0;
      first = known + 1;
      if (head && head.seqno > known) links = await this.#deps.feed.linksAfter(head.account, known, signal);
    } catch (cause) {
      return { is: 'unreachable', cause };
    }
    if (signal.aborted) throw new FollowError('cancelled');
    return this.#inTurn(() => this.#judge(head, first, links));
  }

  /** What the relay's answer says; the chain may have gone on since it was asked. */
  async #judge(told: ChainHead | null, first: number, links: readonly SignedLink[]): Promise<CaughtUp> {
    const { pin } = this.#note;
    if (told === null) {
      if (pin !== null) return refused('rolled-back', pin.seqno);
      return { is: 'no-chain', state: this.#state };
    }
    const head = { seqno: told.seqno, hash: parseLinkHash(told.hash) };
    if (pin !== null && head.seqno < pin.seqno) return refused('rolled-back', pin.seqno);
    const before = this.#state;
    let state: ChainState;
    let added: readonly SignedLink[];
    try {
      ({ state, added } = await this.#replayed(links, first));
      checkPin(state, head);
      // Of links that were lost there is a pin alone: a chain from nothing has to reach it too.
      if (pin !== null) checkPin(state, pin);
    } catch (error) {
      if (error instanceof FollowError)
        return { is: 'refused', code: 'other-account', seqno: head.seqno, reason: null };
      if (!(error instanceof ChainError)) throw error;
      const { code, seqno } = error;
      return code === 'forked' || code === 'rolled-back' ? refused(code, seqno) : refused('bad-chain', seqno, code);
    }
    const seen = added.length > 0 ? state.head : head;
    await this.#advance(state, added, pin !== null && pin.seqno > seen.seqno ? pin : seen);
    if (added.length === 0 && before !== null && placeOfHead(before, head) === 'behind') {
      return { is: 'relay-behind', state, head };
    }
    return this.#doubtOf(state) ?? { is: added.length > 0 ? 'advanced' : 'current', state };
  }

  /**
   * What other devices have told against this state, a fork before all else; null where nothing is. What one device
   * tells takes nothing away of what another has told; what it holds, and who is out of the account by now, is
   * forgotten.
   */
  #doubtOf(state: ChainState): Extract<CaughtUp, { is: 'withheld' | 'refused' }> | null {
    let newest: Head | null = null;
    for (const [name, { head, by }] of [...this.#told]) {
      const place = state.standingOf(by) === 'revoked' ? 'behind' : placeOfHead(state, head);
      if (place === 'forked') return refused('forked', head.seqno);
      if (place !== 'ahead') this.#told.delete(name);
      else if (newest === null || newest.seqno < head.seqno) newest = head;
    }
    return newest && { is: 'withheld', state, head: newest };
  }

  /** Where a head stands, if that can be said without asking: not where it is ahead. */
  #placeOf(head: Head): Extract<CaughtUp, { is: 'current' | 'refused' }> | null {
    if (this.#state === null) return null;
    const place = placeOfHead(this.#state, head);
    if (place === 'ahead') return null;
    return place === 'forked' ? refused('forked', head.seqno) : { is: 'current', state: this.#state };
  }

  /** Links of which some may be known already. Rejects with `ChainError` and {@link FollowError} `other-account`. */
  async #replayed(
    links: readonly SignedLink[],
    first = firstSeqnoOf(links),
  ): Promise<{ readonly state: ChainState; readonly added: readonly SignedLink[] }> {
    const before = this.#state;
    const known = Math.max(0, (before?.head.seqno ?? 0) - first + 1);
    for (const [i, { json }] of links.slice(0, known).entries()) {
      const hash = before?.hashAt(first + i);
      if (hash === undefined || !equal(hash, sha256(json))) throw new ChainError('forked', first + i);
    }
    const added = links.slice(known);
    if (before !== null && added.length === 0) return { state: before, added };
    const state =
      before === null
        ? await replay({ ...this.#deps.primitives, sha256 }, added, null)
        : await replayPinned({ ...this.#deps.primitives, sha256 }, added, before, null);
    const { account } = this.#deps;
    if (account !== null && !equal(account, state.account)) throw new FollowError('other-account');
    return { state, added };
  }

  async #advance(state: ChainState, added: readonly SignedLink[], pin: Head | null): Promise<void> {
    const { signed, pin: former } = this.#note;
    const isOver = signed !== null && signed.seqno <= state.head.seqno;
    const isSamePin = pin === former || (pin !== null && former !== null && equal(pin.hash, former.hash));
    if (added.length === 0 && isSamePin && !isOver) return;
    await this.#save(added, { pin, signed: isOver ? null : signed });
    if (added.length === 0) return;
    this.#state = state;
    for (const listener of [...this.#listeners]) listener(state);
  }

  async #save(added: readonly SignedLink[], note: ChainNote): Promise<void> {
    try {
      await this.#deps.shelf.save(added, note);
    } catch (cause) {
      throw new FollowError('not-kept', { cause });
    }
    this.#note = note;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

function refused(code: RefusedChain['code'], seqno: number, reason: RefusedChain['reason'] = null): RefusedChain {
  return { is: 'refused', code, seqno, reason };
}

/** The seqno that the first link says, 1 for what is none: replay judges it. */
function firstSeqnoOf([first]: readonly SignedLink[]): number {
  const parsed = first && parseLink(first.json);
  return parsed?.is === 'link' ? parsed.link.seqno : 1;
}
