/**
 * This computer in its person's account (spec/account.md): it agrees to be added, follows the chain at the account's
 * relay, and holds everything back until it knows the head. Who may decide is then the daemon's to write down.
 */
import { ChainError, type ChainState, decodeLinks, type Head, replay, type SignedLink } from '@palmkey/chain';
import {
  ChainFollower,
  type ChainNote,
  chainPost,
  consentToHost,
  EnlistError,
  FollowError,
} from '@palmkey/core/account';
import { sha256 } from '@palmkey/core/crypto';
import type { Content } from '@palmkey/core/messages';
import { type AccountId, type ChainHead, type DeviceId, equal, RelayError } from '@palmkey/envelope';
import { fetchLinks, RelayClientError } from '@palmkey/relay-client';
import { ControlError } from '../control/control-error.ts';
import type { Pairing } from '../state/pairing-store.ts';
import { type AccountFile, type AccountPlace } from '../state/account-file.ts';
import { StateError } from '../state/errors.ts';
import { ChainGate } from './chain-gate.ts';
import { type AccountAlarm, alarmOf, type Found, foundBy } from './found-head.ts';
import type { HostAccountOptions } from './host-account-options.ts';
import { leavingAct } from './leaving.ts';
import { lookThere, type MoveTarget } from './other-relay.ts';
import { RelayFeed } from './relay-feed.ts';

/** How long a relay that gave no head, or a chain that is refused, is left alone. */
const retryMs = 30_000;
/** How often a sender that nobody knows may make this computer ask for the head. */
const againMs = 10_000;
/** How long a phone takes to put this computer on its account's chain, at most. */
const settlesWithinMs = 3_000;

/** How long a relay to which the account is said to have moved may take to let this computer in. */
const admitsWithinMs = 10_000;

/** The chain that this computer follows, and what it holds back meanwhile. */
export class HostAccount implements Disposable {
  readonly #options: HostAccountOptions;
  readonly #gate = new ChainGate();
  readonly #closed = new AbortController();
  #follower: ChainFollower | null = null;
  #alarm: AccountAlarm | null = null;
  /** The head is known, as of this connection to the account's relay. */
  #isCurrent = false;
  #cancelRetry: () => void = () => undefined;
  #askedAgainAt = Number.NEGATIVE_INFINITY;
  /** The relay that is looked at, since the account is said to be there. */
  #trying: string | null = null;
  /** Whoever waits until an account is followed. */
  readonly #begun = new Set<() => void>();
  /** What asks the relay does so one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: HostAccountOptions) {
    this.#options = options;
  }

  /**
   * Takes up what is kept; to be awaited before anything else.
   * @throws StateError `state-broken` for a chain that is none, or does not reach its pin.
   */
  async open(): Promise<void> {
    const { file, path } = this.#options;
    if (file.chain === null) return;
    try {
      this.#follower = await this.#follow(file.chain);
    } catch (cause) {
      if (cause instanceof ChainError || cause instanceof FollowError) {
        throw new StateError('state-broken', path, null, cause);
      }
      throw cause;
    }
    // The phones may not have been written down before the program ended.
    if (this.state !== null) this.#options.onState(this.state, false);
  }

  /** The chain that this computer is, or was, on; null where it never was on one. */
  get state(): ChainState | null {
    return this.#follower?.state ?? null;
  }

  /** Where that chain is kept. */
  get place(): AccountPlace | null {
    return this.#options.file.chain;
  }

  /** Whether this computer is in an account. */
  get isActive(): boolean {
    return this.activeState !== null;
  }

  get alarm(): AccountAlarm | null {
    return this.#alarm;
  }

  /** Whether the head is known, where there is one to be known. */
  get isCurrent(): boolean {
    return this.#isCurrent || this.activeState === null;
  }

  /** Whether it is the account that says that this device decides. */
  isMember(id: DeviceId): boolean {
    return this.activeState?.find(id)?.kind === 'member';
  }

  /** Whether it is the account's one phone, beside which only its recovery words decide. */
  isOnlyPhone(id: DeviceId): boolean {
    const phones = this.activeState?.active.filter(({ kind }) => kind === 'member') ?? [];
    return phones.length === 1 && phones.every((phone) => equal(phone.id, id));
  }

  /** Whether the account's chain is kept at this relay, as dialled. */
  isHome(relay: string): boolean {
    const { place } = this;
    return place !== null && this.activeState !== null && this.#options.dialled(place.relay) === relay;
  }

  /** Whether what comes from, or goes to, this device over this relay may. */
  mayPass(relay: string, peer: DeviceId): boolean {
    if (this.#alarm !== null) return false;
    return this.#isCurrent || !(this.isHome(relay) || this.isMember(peer));
  }

  /** Waits until it may; false where it never will. */
  pass(relay: string, peer: DeviceId): Promise<boolean> {
    return this.#gate.pass(() => this.mayPass(relay, peer));
  }

  /** A relay is connected. Resolves once it was asked what there is to ask it; never rejects. */
  connected(relay: string): Promise<void> {
    if (this.isHome(relay)) this.#isCurrent = false;
    return this.#inTurn(() => this.#look(relay));
  }

  /** The connection to a relay ended. `removed`: it lets this computer in no more. */
  lost(relay: string, removed: boolean): void {
    if (!this.isHome(relay)) return;
    this.#isCurrent = false;
    if (removed) void this.#inTurn(() => this.#catchUp());
  }

  /** A relay says that the chain has another head. */
  heard(relay: string, head: ChainHead): void {
    const known = this.activeState?.head;
    if (this.isHome(relay) && known !== undefined && this.#alarm === null) {
      if (head.seqno === known.seqno && equal(head.hash, known.hash)) return;
      this.#isCurrent = false;
    }
    void this.#inTurn(() => this.#look(relay));
  }

  /** Asks for the head once more, for a sender that is not known; resolves when there is nothing more to wait for. */
  async again(): Promise<void> {
    const { clock } = this.#options;
    if (this.activeState === null) return;
    const isDue = clock.monotonic() - this.#askedAgainAt >= againMs;
    if (isDue) this.#askedAgainAt = clock.monotonic();
    // What is under way may bring the sender too.
    await this.#inTurn(() => (isDue ? this.#catchUp() : Promise.resolve()));
  }

  /**
   * Compares the head that a device of the account has told with a message: fetches first what is newer. Whether the
   * message may be acted on. Where it may not, the head is unknown or another history from then on.
   */
  async meet(sender: DeviceId, head: Head | null): Promise<boolean> {
    const follower = this.#follower;
    if (head === null || follower === null || this.activeState?.find(sender) === undefined) return true;
    await this.#inTurn(async () => {
      const found = foundBy(await follower.meet(head, sender, this.#closed.signal));
      // What is known already changes nothing.
      if (found !== 'current' || !this.#isCurrent) this.#is(found);
    });
    return this.#alarm === null && this.#isCurrent;
  }

  /** Asks the relay now, for a person who looks. Never rejects. */
  check(): Promise<void> {
    return this.#inTurn(() => this.#catchUp());
  }

  /**
   * The answer to a phone that wants to add this computer to its account, null where none is due: what does not follow
   * the chain is asked anew by a phone that has caught up. Rejects where the relay does not give the chain.
   * @throws StateError `not-writable`
   */
  async consent(
    { peer, by, relay }: Pairing,
    { account, link }: Extract<Content, { kind: 'enlist' }>,
  ): Promise<Content | null> {
    const { file, device } = this.#options;
    const answer = (reverseSig: Extract<Content, { kind: 'consent' }>['reverseSig']): Content => {
      return { kind: 'consent', link: sha256(link), reverseSig };
    };
    const own = this.state;
    if (own !== null && equal(own.account, account)) return this.activeState === null ? answer(null) : null;
    if (this.activeState !== null) return answer(null);
    const state = await this.#chainOf(relay, account);
    if (state === null && by !== 'pairing') return null;
    try {
      const reverseSig = await consentToHost({ device, sender: peer.id, account, state }, link);
      file.consent({ account, relay });
      return answer(reverseSig);
    } catch (error) {
      if (error instanceof EnlistError) return error.code === 'wrong-place' ? null : answer(null);
      throw error;
    }
  }

  /**
   * Goes over to another relay, which has to show the chain that is known, or one that goes on from it; the one that was
   * is kept where it does not.
   * @throws ControlError `move-unreachable` where it is not reached or does not let this computer in, `move-refused` for
   * another chain; StateError
   */
  async moveTo(target: MoveTarget): Promise<void> {
    const { relay } = target;
    // From now on it is dialled as it is called, wherever else loopback leads.
    this.#trying = relay;
    const held = this.#options.hold(relay);
    try {
      const within = AbortSignal.any([this.#closed.signal, AbortSignal.timeout(admitsWithinMs)]);
      await held.client.connected(within).catch((cause: unknown) => {
        throw new ControlError('move-unreachable', { relay }, { cause });
      });
      await this.#exclusively(() => this.#moveTo(target));
    } finally {
      this.#trying = null;
      held.release();
    }
    this.#is('current');
  }

  /**
   * The account is where it was, by a move of that number.
   * @throws StateError
   */
  noteMove(n: number): void {
    const { file } = this.#options;
    const { chain, moved } = file;
    if (chain === null) return;
    const { relay, pin, signed } = chain;
    file.move(relay, { n, from: moved?.from ?? relay, isSame: moved?.isSame ?? true }, [], { pin, signed });
  }

  /** The origin by which a relay is dialled since the account has moved; null: as before. */
  dialledSinceMove(relay: string): string | null {
    const { chain, moved } = this.#options.file;
    if (relay === this.#trying) return relay;
    if (chain === null || moved === null || moved.from === chain.relay) return null;
    if (relay === chain.relay) return relay;
    return moved.isSame && relay === moved.from ? chain.relay : null;
  }

  /** The relay that the account has left, as phones dialled it; null where it has left none, or only its address. */
  get formerRelay(): string | null {
    const { moved } = this.#options.file;
    return this.activeState === null || moved?.isSame !== false ? null : moved.from;
  }

  /** Waits a moment for the link of a phone that this computer has agreed with; resolves at once where there is none. */
  async settle(relay: string): Promise<void> {
    const { file, clock } = this.#options;
    if (this.activeState !== null || !file.consents.some((each) => each.relay === relay)) return;
    await new Promise<void>((resolve) => {
      const cancel = clock.after(settlesWithinMs, done);
      this.#begun.add(done);
      const begun = this.#begun;
      function done(): void {
        cancel();
        begun.delete(done);
        resolve();
      }
    });
  }

  /**
   * Takes this computer out of its account, by its own link, whatever its other devices have told of the chain.
   * @throws ControlError `not-in-account`, `account-refused`, `account-relay-away`; StateError; RelayError
   */
  async leave(): Promise<void> {
    if (this.activeState === null || this.place === null) throw new ControlError('not-in-account');
    this.#follower?.forgetTold();
    await this.check();
    await this.#exclusively(() => this.#leave());
  }

  [Symbol.dispose](): void {
    this.#closed.abort();
    this.#cancelRetry();
    this.#gate.end();
  }

  /** The chain, as long as this computer is on it. */
  get activeState(): ChainState | null {
    const { state } = this;
    return state?.standingOf(this.#options.device.id) === 'active' ? state : null;
  }

  async #look(relay: string): Promise<void> {
    if (this.isHome(relay)) await this.#catchUp();
    else await this.#begin(relay);
  }

  /** Follows an account that this computer has agreed to, once its relay says that it is on it. */
  async #begin(relay: string): Promise<void> {
    const { file, device, dialled, lineTo, isPaired, onState } = this.#options;
    const waiting = file.consents.filter((each) => dialled(each.relay) === relay);
    const client = lineTo(relay);
    if (waiting.length === 0 || client?.state.is !== 'connected' || this.activeState !== null) return;
    const told = await client.chain.ask();
    const place = told && waiting.find(({ account }) => equal(account, told.account));
    if (!place) return;
    const kept: { links: SignedLink[]; note: ChainNote; isBegun: boolean } = {
      links: [],
      note: { pin: null, signed: null },
      isBegun: false,
    };
    const follower = await ChainFollower.open(
      this.#followerDeps(place, (added, note) => {
        if (kept.isBegun) return file.add(added, note);
        kept.links.push(...added);
        kept.note = note;
      }),
      null,
    );
    const caught = await follower.catchUp(this.#closed.signal);
    const isOnIt = caught.is === 'advanced' && caught.state.find(device.id)?.kind === 'host';
    if (!isOnIt) return;
    file.begin({ ...place, ...kept.note, links: kept.links });
    kept.isBegun = true;
    this.#adopt(follower);
    // Its person may have ended the pairing while the phone put this computer on the chain.
    const isWanted = caught.state.members.some(({ id }) => isPaired(id));
    if (isWanted) onState(caught.state, true);
    this.#is('current');
    if (!isWanted) await this.#leave();
    for (const done of [...this.#begun]) done();
  }

  async #catchUp(): Promise<void> {
    const follower = this.#follower;
    if (follower === null || this.activeState === null) return;
    this.#cancelRetry();
    try {
      this.#is(foundBy(await follower.catchUp(this.#closed.signal)));
    } catch (error) {
      if (!this.#closed.signal.aborted) this.#options.onFault(error);
      this.#is('unknown');
    }
  }

  /** What asking came to. */
  #is(found: Found): void {
    if (this.#closed.signal.aborted) return;
    const { clock, onReady, onAlarm, onChange } = this.#options;
    const stood = this.#isCurrent && this.#alarm === null;
    this.#isCurrent = found === 'current';
    // A relay that gives nothing takes no alarm back.
    const before = this.#alarm;
    if (found !== 'unknown') this.#alarm = found === 'current' ? null : alarmOf(found);
    if (this.#alarm !== null && this.#alarm.code !== before?.code) onAlarm(this.#alarm);
    this.#cancelRetry();
    if (found !== 'current') this.#cancelRetry = clock.after(retryMs, () => void this.#inTurn(() => this.#catchUp()));
    this.#gate.look();
    if (found === 'current' && !stood) onReady();
    onChange();
  }

  async #moveTo(target: MoveTarget): Promise<void> {
    const { file, lineTo, dialled, onState } = this.#options;
    const { chain } = file;
    if (chain === null || this.activeState === null) throw new ControlError('not-in-account');
    const { relay, n } = target;
    const deps = (save: Parameters<typeof lookThere>[3]) => this.#followerDeps({ ...chain, relay }, save);
    const save = (links: readonly SignedLink[], note: ChainNote) => file.add(links, note);
    const { follower, state, links, note } = await lookThere(deps, target, chain, save, this.#closed.signal);
    // Another move was told meanwhile.
    if ((file.moved?.n ?? 0) > n) throw new ControlError('move-refused', { relay, reason: 'not-newer' });
    // A device has one connection to a relay: the former one has ended where both addresses lead to the same.
    const former = lineTo(dialled(chain.relay))?.state;
    const isSame = former?.is === 'refused' && former.code === 'replaced';
    file.move(relay, { n, from: chain.relay, isSame }, links, note);
    this.#adopt(follower);
    onState(state, false);
  }

  async #leave(): Promise<void> {
    const { device, primitives, clock, file, lineTo, dialled } = this.#options;
    const [state, follower, place] = [this.activeState, this.#follower, this.place];
    if (state === null || follower === null || place === null) return;
    if (this.#alarm !== null) throw new ControlError('account-refused', { reason: this.#alarm.code });
    const relay = dialled(place.relay);
    const client = lineTo(relay);
    if (!this.#isCurrent || client === null) throw new ControlError('account-relay-away', { relay });
    const act = await leavingAct({ primitives, device, file, follower, now: clock.now() }, state);
    try {
      await client.chain.post(chainPost(act));
    } catch (error) {
      // The connection may end before the answer: a computer that is out of the account is let in no more.
      if (!(error instanceof RelayClientError)) throw error;
      await this.#catchUp();
      if (this.activeState !== null) throw new ControlError('account-relay-away', { relay });
      return;
    }
    await follower.take(act.links);
    this.#is('current');
  }

  /** An account's chain as a relay shows it to everybody; null where it has none. */
  async #chainOf(relay: string, account: AccountId): Promise<ChainState | null> {
    const { dialled, fetch, timers, primitives } = this.#options;
    try {
      const signal = this.#closed.signal;
      const { links } = await fetchLinks({ relay: dialled(relay), account, after: 0, fetch, timers, signal });
      return await replay({ ...primitives, sha256 }, decodeLinks(links), null);
    } catch (error) {
      if (error instanceof RelayError && error.code === 'no-chain') return null;
      throw error;
    }
  }

  async #follow(place: NonNullable<AccountFile['chain']>): Promise<ChainFollower> {
    const { file } = this.#options;
    const follower = await ChainFollower.open(
      this.#followerDeps(place, (added, note) => file.add(added, note)),
      place,
    );
    this.#adopt(follower);
    return follower;
  }

  #adopt(follower: ChainFollower): void {
    this.#follower = follower;
    follower.onAdvance((state) => this.#options.onState(state, false));
  }

  #followerDeps({ account, relay }: AccountPlace, save: (added: readonly SignedLink[], note: ChainNote) => void) {
    const { primitives, clock, fetch, timers, dialled, lineTo } = this.#options;
    const feed = new RelayFeed({
      account,
      relay: () => dialled(relay),
      client: () => lineTo(dialled(relay)),
      fetch,
      timers,
    });
    const shelf = {
      save: (added: readonly SignedLink[], note: ChainNote) =>
        new Promise<void>((resolve) => {
          save(added, note);
          resolve();
        }),
    };
    return { primitives, feed, shelf, now: () => clock.now(), account };
  }

  /** Never rejects: what goes wrong is a fault, but for what a relay does. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    return this.#exclusively(work).catch((error: unknown) => {
      if (this.#closed.signal.aborted) return;
      if (error instanceof RelayError || error instanceof RelayClientError) return;
      this.#options.onFault(error);
    });
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }
}
