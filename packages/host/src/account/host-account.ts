/**
 * This computer in its person's account (spec/account.md): it agrees to be added, follows the chain at the account's
 * relay, and holds everything back until it knows the head. Who may decide is then the daemon's to write down. What
 * asks the relay or changes the chain takes its turn here, hence the length; what each turn does has a file of its own.
 */
import { ChainError, type ChainState, type Head } from '@palmkey/chain';
import { type CaughtUp, ChainFollower, FollowError } from '@palmkey/core/account';
import type { Content } from '@palmkey/core/messages';
import { type ChainHead, type DeviceId, equal, RelayError } from '@palmkey/envelope';
import { RelayClientError } from '@palmkey/relay-client';
import { ControlError } from '../control/control-error.ts';
import type { AccountPlace } from '../state/account-file.ts';
import { StateError } from '../state/errors.ts';
import type { Pairing } from '../state/pairing-store.ts';
import { AccountAddress } from './account-address.ts';
import { AwaitedBeginning } from './awaited-beginning.ts';
import { type AccountAlarm, type Found, foundBy } from './found-head.ts';
import { HeadWatch } from './head-watch.ts';
import type { HostAccountOptions } from './host-account-options.ts';
import { consentTo, joinAgreed, type JoiningDeps } from './joining.ts';
import { postLeaving } from './leaving.ts';
import { admittedBy, goThere, type MoveTarget } from './other-relay.ts';
import { RelayChains } from './relay-chains.ts';

/** How often a sender that nobody knows may make this computer ask for the head. */
const againMs = 10_000;

/** The chain that this computer follows, and what it holds back meanwhile. */
export class HostAccount implements Disposable {
  readonly #options: HostAccountOptions;
  readonly #chains: RelayChains;
  readonly #address: AccountAddress;
  readonly #watch: HeadWatch;
  readonly #beginning: AwaitedBeginning;
  readonly #closed = new AbortController();
  #follower: ChainFollower | null = null;
  /** A state that the daemon could not write down; null where it has all of them. */
  #unwritten: { readonly state: ChainState; readonly isNew: boolean } | null = null;
  #askedAgainAt = Number.NEGATIVE_INFINITY;
  /** Relays that have told a head which nobody has looked at yet. */
  readonly #told = new Set<string>();
  /** What asks the relay does so one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: HostAccountOptions) {
    this.#options = options;
    const { file, clock, onReady, onAlarm, onChange } = options;
    this.#chains = new RelayChains(options);
    this.#address = new AccountAddress(file);
    this.#beginning = new AwaitedBeginning(clock);
    const onRetry = () => void this.#inTurn(() => this.#catchUp());
    this.#watch = new HeadWatch({ clock, onRetry, onReady, onAlarm, onChange });
  }

  /**
   * Takes up what is kept; to be awaited before anything else.
   * @throws StateError `state-broken` for a chain that is none, or does not reach its pin.
   */
  async open(): Promise<void> {
    const { file, path, onState } = this.#options;
    const { chain } = file;
    if (chain === null) return;
    const deps = this.#chains.follow(chain, (links, note) => file.add(links, note));
    try {
      this.#adopt(await ChainFollower.open(deps, chain));
    } catch (cause) {
      if (cause instanceof ChainError || cause instanceof FollowError) {
        throw new StateError('state-broken', path, null, cause);
      }
      throw cause;
    }
    // The phones may not have been written down before the program ended.
    if (this.state !== null) onState(this.state, false);
  }

  /** The chain that this computer is, or was, on; null where it never was on one. */
  get state(): ChainState | null {
    return this.#follower?.state ?? null;
  }

  /** The chain, as long as this computer is on it. */
  get activeState(): ChainState | null {
    const { state } = this;
    return state?.standingOf(this.#options.device.id) === 'active' ? state : null;
  }

  /** Where that chain is kept. */
  get place(): AccountPlace | null {
    return this.#options.file.chain;
  }

  /** Whether this computer is in an account. */
  get isActive(): boolean {
    return this.activeState !== null;
  }

  /** Why nothing is decided, as long as this computer is in the account. */
  get alarm(): AccountAlarm | null {
    return this.isActive ? this.#watch.alarm : null;
  }

  /** Whether the head is known, where there is one to be known. */
  get isCurrent(): boolean {
    return this.#watch.isKnown || !this.isActive;
  }

  /** Whether it is the account that says that this device decides. */
  isMember(id: DeviceId): boolean {
    return this.activeState?.find(id)?.kind === 'member';
  }

  /** Whether the chain says that this device was taken out, whatever is kept of it here otherwise. */
  isRemoved(id: DeviceId): boolean {
    return this.state?.standingOf(id) === 'revoked';
  }

  /** Whether it is the account's one phone, beside which only its recovery words decide. */
  isOnlyPhone(id: DeviceId): boolean {
    const phones = this.activeState?.active.filter(({ kind }) => kind === 'member') ?? [];
    return phones.length === 1 && phones.every((phone) => equal(phone.id, id));
  }

  /** Whether the account's chain is kept at this relay, as dialled. */
  isHome(relay: string): boolean {
    const { place } = this;
    return place !== null && this.isActive && this.#options.dialled(place.relay) === relay;
  }

  /** The origin by which a relay is dialled since the account has moved; null: as before. */
  dialledSinceMove(relay: string): string | null {
    return this.#address.dialledSinceMove(relay);
  }

  /** The relay that the account has left, as phones dialled it; null where it has left none, or only its address. */
  get formerRelay(): string | null {
    return this.isActive ? this.#address.former : null;
  }

  /** Whether what comes from, or goes to, this device over this relay may. */
  mayPass(relay: string, peer: DeviceId): boolean {
    if (this.alarm !== null) return false;
    return this.#watch.isKnown || !(this.isHome(relay) || this.isMember(peer));
  }

  /** Waits until it may; false where it never will. */
  pass(relay: string, peer: DeviceId): Promise<boolean> {
    return this.#watch.pass(() => this.mayPass(relay, peer));
  }

  /** A relay is connected. Resolves once it was asked what there is to ask it; never rejects. */
  connected(relay: string): Promise<void> {
    if (this.isHome(relay)) this.#watch.doubt();
    return this.#inTurn(() => this.#look(relay));
  }

  /** The connection to a relay ended. `removed`: it lets this computer in no more. */
  lost(relay: string, removed: boolean): void {
    if (!this.isHome(relay)) return;
    this.#watch.doubt();
    if (removed) void this.#inTurn(() => this.#catchUp());
  }

  /** A relay says that the chain has another head. */
  heard(relay: string, head: ChainHead): void {
    const known = this.activeState?.head;
    if (this.isHome(relay) && known !== undefined && this.alarm === null) {
      if (head.seqno === known.seqno && equal(head.hash, known.hash)) return;
      this.#watch.doubt();
    }
    // However often it says so before it is asked, it is asked once.
    if (this.#told.has(relay)) return;
    this.#told.add(relay);
    void this.#inTurn(() => {
      this.#told.delete(relay);
      return this.#look(relay);
    });
  }

  /** Asks for the head once more, for a sender that is not known; resolves when there is nothing more to wait for. */
  async again(): Promise<void> {
    const { clock } = this.#options;
    if (!this.isActive) return;
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
    const isOurs = (): boolean => this.activeState?.find(sender) !== undefined;
    if (head !== null && isOurs()) {
      await this.#inTurn(async () => {
        // The one that is followed by then: the account may have moved meanwhile.
        const follower = this.#follower;
        if (follower === null) return;
        const found = await this.#ask(() => follower.meet(head, sender, this.#closed.signal));
        // A head that this computer has too says nothing of what the relay has.
        if (found !== 'current') this.#watch.is(found);
      });
    }
    // Who says no head, or was taken out meanwhile, is held to what is known by now all the same.
    return this.alarm === null && !this.isRemoved(sender) && (this.#watch.isKnown || !isOurs());
  }

  /** Asks the relay now, for a person who looks. Never rejects. */
  check(): Promise<void> {
    return this.#inTurn(() => this.#catchUp());
  }

  /**
   * The answer to a phone that wants to add this computer to its account, null where none is due ({@link consentTo}).
   * @throws StateError `not-writable`
   */
  consent(pairing: Pairing, offer: Extract<Content, { kind: 'enlist' }>): Promise<Content | null> {
    return consentTo(this.#joining(), this.state, pairing, offer);
  }

  /**
   * Waits a moment for the link of a phone that this computer has agreed with; resolves at once where there is none.
   */
  async settle(relay: string): Promise<void> {
    const { file } = this.#options;
    const isAgreed = file.consents.some((each) => each.relay === relay);
    if (!this.isActive && isAgreed) await this.#beginning.wait();
  }

  /**
   * Goes over to another relay, which has to show the chain that is known, or one that goes on from it; the one that was
   * is kept where it does not.
   * @throws ControlError `move-unreachable` where it is not reached or does not let this computer in, `move-refused` for
   * another chain; StateError
   */
  async moveTo(target: MoveTarget): Promise<void> {
    const { relay } = target;
    // From now on it is dialled as it is called, so that it is held by that name.
    const tried = this.#address.tryAt(relay);
    let held: ReturnType<HostAccountOptions['hold']> | undefined;
    try {
      held = this.#options.hold(relay);
      await admittedBy(held.client, relay, this.#options.clock, this.#closed.signal);
      await this.#exclusively(() => this.#moveTo(target));
    } finally {
      tried[Symbol.dispose]();
      held?.release();
    }
    this.#watch.is('current');
  }

  /**
   * The account is where it was, by a move of that number.
   * @throws StateError
   */
  noteMove(n: number): void {
    this.#address.noteMove(n);
  }

  /**
   * Takes this computer out of its account, by its own link, whatever its other devices have told of the chain.
   * @throws ControlError `not-in-account`, `account-refused`, `account-relay-away`; StateError; RelayError
   */
  async leave(): Promise<void> {
    if (!this.isActive) throw new ControlError('not-in-account');
    this.#follower?.forgetTold();
    await this.check();
    await this.#exclusively(() => this.#leave());
  }

  [Symbol.dispose](): void {
    this.#closed.abort();
    this.#watch[Symbol.dispose]();
    this.#beginning.end();
  }

  #joining(): JoiningDeps {
    const { device, file } = this.#options;
    return { device, file, chains: this.#chains, signal: this.#closed.signal };
  }

  async #look(relay: string): Promise<void> {
    if (this.isHome(relay)) await this.#catchUp();
    else await this.#begin(relay);
  }

  /** Follows an account that this computer has agreed to, once its relay says that it is on it. */
  async #begin(relay: string): Promise<void> {
    const { file, dialled, lineTo, isPaired } = this.#options;
    const agreed = file.consents.filter((each) => dialled(each.relay) === relay);
    const client = lineTo(relay);
    if (agreed.length === 0 || client?.state.is !== 'connected' || this.isActive) return;
    const joined = await joinAgreed(this.#joining(), client, agreed);
    if (joined === null) return;
    this.#adopt(joined.follower);
    // Its person may have ended the pairing while the phone put this computer on the chain.
    const isWanted = joined.state.members.some(({ id }) => isPaired(id));
    if (isWanted) this.#writeDown(joined.state, true);
    this.#watch.is('current');
    if (!isWanted) await this.#leave();
    this.#beginning.end();
  }

  async #catchUp(): Promise<void> {
    const follower = this.#follower;
    if (follower === null) return;
    if (!this.isActive) {
      this.#writeRest();
      return;
    }
    this.#watch.cancelRetry();
    const found = await this.#ask(() => follower.catchUp(this.#closed.signal));
    // What anybody is shown says where the chain ends now; what comes next is heard over the connection alone.
    this.#watch.is(found === 'current' && this.activeState !== null && !this.#isConnected ? 'unknown' : found);
  }

  /** What asking the relay comes to; what goes wrong here is a fault, and the head unknown. */
  async #ask(asking: () => Promise<CaughtUp>): Promise<Found> {
    try {
      this.#writeRest();
      return foundBy(await asking());
    } catch (error) {
      if (!this.#closed.signal.aborted) this.#options.onFault(error);
      return 'unknown';
    }
  }

  get #isConnected(): boolean {
    const { lineTo, dialled } = this.#options;
    return this.place !== null && lineTo(dialled(this.place.relay))?.state.is === 'connected';
  }

  async #moveTo(target: MoveTarget): Promise<void> {
    if (!this.isActive) throw new ControlError('not-in-account');
    const { lineTo, dialled } = this.#options;
    const told = this.#follower?.told ?? [];
    const { follower, state } = await goThere({ ...this.#joining(), lineTo, dialled }, target, told);
    this.#adopt(follower);
    this.#writeDown(state, false);
  }

  async #leave(): Promise<void> {
    const { device, primitives, clock, file, lineTo, dialled } = this.#options;
    const [state, follower, place] = [this.activeState, this.#follower, this.place];
    if (state === null || follower === null || place === null) return;
    if (this.alarm !== null) throw new ControlError('account-refused', { reason: this.alarm.code });
    const relay = dialled(place.relay);
    const client = lineTo(relay);
    if (!this.#watch.isKnown || client === null) throw new ControlError('account-relay-away', { relay });
    const deps = { device, primitives, file, follower, now: clock.now() };
    if ((await postLeaving(deps, client, state)) === 'left') {
      this.#watch.is('current');
      return;
    }
    // A computer that is out of the account is let in no more: the answer may be that.
    await this.#catchUp();
    if (this.isActive) throw new ControlError('account-relay-away', { relay });
  }

  #adopt(follower: ChainFollower): void {
    this.#follower = follower;
    follower.onAdvance((state) => this.#writeDown(state, false));
  }

  /**
   * Has the daemon write down who decides. Where it cannot, the head does not count as known before it has, which is
   * tried again before the relay is asked.
   */
  #writeDown(state: ChainState, isNew: boolean): void {
    this.#unwritten = { state, isNew: isNew || this.#unwritten?.isNew === true };
    try {
      this.#options.onState(state, this.#unwritten.isNew);
    } catch (error) {
      this.#watch.is('unknown');
      throw error;
    }
    this.#unwritten = null;
  }

  #writeRest(): void {
    if (this.#unwritten !== null) this.#writeDown(this.#unwritten.state, this.#unwritten.isNew);
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
