import type { PassphraseStream } from '@palmkey/core/account';
import { sha256 } from '@palmkey/core/crypto';
import type { DeviceKeys } from '@palmkey/core/devices';
import {
  chooseWords,
  codeRendezvous,
  confirmKex3,
  type JoinLink,
  joinUrl,
  type Kex2Secret,
  kex2Session,
  type Kex2Suite,
  type Kex3Secret,
  type KexDeps,
  KexError,
  type KexSession,
  letDeviceIn,
  OneUse,
  ProvisioningError,
  WAY_LIMIT_MS,
} from '@palmkey/core/provisioning';
import { type AccountId, parseRendezvousId, type RendezvousId } from '@palmkey/envelope';
import type { JoiningSuite, LettingInView } from '../../model/account-view.ts';
import type { PhonePorts } from '../ports.ts';
import { type EnteredAtX, readAtX } from './entered-secret.ts';
import { failedWay, JoiningError, whyNotOpened } from './failed-way.ts';
import { somebodyCame } from './first-message.ts';
import type { HomeRelay, LetInAccount, MeetingPlace } from './joining-ports.ts';

/** What letting a device in works with. */
export interface LetInFlowDeps {
  readonly ports: Pick<PhonePorts, 'clock' | 'primitives' | 'scrypt' | 'meetAt' | 'fetchFlows' | 'page'>;
  readonly device: DeviceKeys;
  readonly account: LetInAccount;
  /** This device's own, which the new one is locked by; null where it has none. */
  readonly passphrase: () => PassphraseStream | null;
  readonly show: (view: LettingInView) => void;
}

/** How long a rendezvous stays open after its way, ms: the other side still reads from it why it ended. */
const CLOSED_AFTER_MS = 5_000;
/** How long a device is waited for that shows its secret now, ms. */
const MET_WITHIN_MS = 30_000;
/** How long a relay takes a post by a grant, ms (spec/account.md, "At the relay"). */
const GRANT_MS = 10 * 60_000;
const KEX2_WORDS = { 'kex2-v1': 8, 'kex2-v2': 9 } as const;

/** One letting in, from its secret to its end. */
interface Run {
  readonly stop: AbortController;
  /** Answers the newcomer; null while there is none. */
  answer: ((yes: boolean) => void) | null;
}

/** What a run has of the relay. */
interface Ground {
  readonly run: Run;
  readonly home: HomeRelay;
  readonly place: MeetingPlace;
  /** The rendezvous that are to be closed after it. */
  readonly opened: Set<RendezvousId>;
}

/**
 * The side of X (spec/provisioning.md): one new device at a time is let in, from a secret that is shown or entered to a
 * member, or to a code that says what went wrong. Whatever becomes of a secret, the next time there is another.
 */
export class LetInFlow {
  readonly #deps: LetInFlowDeps;
  readonly #kex: Pick<KexDeps, 'clock' | 'randomBytes'>;
  #running: Run | null = null;

  constructor(deps: LetInFlowDeps) {
    const { clock, primitives } = deps.ports;
    this.#deps = deps;
    this.#kex = { clock, randomBytes: (length) => primitives.randomBytes(length) };
  }

  /** Shows a secret. What comes of it shows in the view; never throws. */
  letIn(how: JoiningSuite): void {
    this.#begin(async (ground) => {
      const session = how === 'kex3' ? await this.#offerKex3(ground) : await this.#offerKex2(ground, how);
      return this.#walk(ground, session, 'x');
    });
  }

  /** Takes a secret that the new device shows. Never throws. */
  enter(text: string): void {
    let entered: EnteredAtX;
    try {
      entered = readAtX(text);
    } catch (error) {
      this.close();
      this.#deps.show(failedWay(error));
      return;
    }
    this.#begin(async (ground) => this.#walk(ground, await this.#meetShown(ground, entered), 'y'));
  }

  /** What the person says to the newcomer. */
  answer(yes: boolean): void {
    this.#running?.answer?.(yes);
  }

  /** The person changed their mind: the other side is told. */
  cancel(): void {
    this.close();
    this.#deps.show({ is: 'none' });
  }

  /** Leaves what is over; a letting in that runs goes on. */
  dismiss(): void {
    if (this.#running === null) this.#deps.show({ is: 'none' });
  }

  /** This tab answers no more: as if cancelled. */
  close(): void {
    this.#running?.stop.abort();
    this.#running = null;
  }

  /** The page goes away in the middle: the other side is told, if there is still time for it. */
  interrupt(): void {
    if (this.#running === null) return;
    this.close();
    this.#deps.show({ is: 'failed', code: 'interrupted', step: null, theirs: null });
  }

  #begin(work: (ground: Ground) => Promise<string>): void {
    this.close();
    const run: Run = { stop: new AbortController(), answer: null };
    this.#running = run;
    this.#show(run, { is: 'preparing' });
    void this.#onGround(run, work).then(
      (name) => this.#end(run, () => ({ is: 'done', name })),
      (error: unknown) => this.#end(run, () => failedWay(error)),
    );
  }

  async #onGround(run: Run, work: (ground: Ground) => Promise<string>): Promise<string> {
    const home = await this.#deps.account.home();
    const ground = { run, home, place: this.#deps.ports.meetAt(home.origin), opened: new Set<RendezvousId>() };
    try {
      return await work(ground);
    } finally {
      void this.#leave(ground);
    }
  }

  /** A QR code and, beside it, a number with words: whichever is used first has the one exchange, and burns the other. */
  async #offerKex3(ground: Ground): Promise<KexSession> {
    const { run, home } = ground;
    const bytes = this.#kex.randomBytes(32);
    const words = chooseWords(3, this.#kex.randomBytes);
    const coded = codeRendezvous(bytes);
    const numbered = parseRendezvousId(this.#kex.randomBytes(32));
    const { account } = (await this.#deps.account.now()).state;
    await this.#open(ground, coded);
    await this.#open(ground, numbered);
    const number = await orWhyNot(home.nameplate(numbered));
    this.#showSecret(ground, 'kex3', { account, secret: { suite: 'kex3', bytes } }, `${number} ${words}`);
    const used = new AbortController();
    const signal = AbortSignal.any([run.stop.signal, used.signal]);
    const meet = (rendezvous: RendezvousId, secret: Kex3Secret) =>
      this.#confirm(ground, account, rendezvous, secret, WAY_LIMIT_MS, signal);
    try {
      return await Promise.race([meet(coded, { how: 'code', bytes }), meet(numbered, { how: 'words', words })]);
    } finally {
      used.abort();
    }
  }

  async #offerKex2(ground: Ground, suite: Kex2Suite): Promise<KexSession> {
    const { run, place } = ground;
    const secret = { suite, words: chooseWords(KEX2_WORDS[suite], this.#kex.randomBytes) };
    const { account } = (await this.#deps.account.now()).state;
    const session = await this.#stretch(secret, suite === 'kex2-v2' ? account : null);
    await this.#open(ground, session.rendezvous);
    // Nine words are salted with the account, which nobody types.
    this.#showSecret(ground, suite, { account, secret }, suite === 'kex2-v1' ? secret.words : null);
    try {
      await somebodyCame(this.#kex.clock, place, session, WAY_LIMIT_MS, run.stop.signal);
    } catch (error) {
      void this.#shut(ground, session.rendezvous);
      throw error;
    }
    return session;
  }

  async #meetShown(ground: Ground, { relay, secret }: EnteredAtX): Promise<KexSession> {
    const { home, run } = ground;
    if (relay !== null && relay !== home.origin) throw new JoiningError('other-relay');
    const { account } = (await this.#deps.account.now()).state;
    if (secret.how === 'words') {
      const session = await this.#stretch(secret.secret, null);
      await this.#open(ground, session.rendezvous);
      return session;
    }
    const rendezvous = codeRendezvous(secret.bytes);
    await this.#open(ground, rendezvous);
    this.#show(run, { is: 'meeting' });
    return this.#confirm(ground, account, rendezvous, secret, MET_WITHIN_MS, run.stop.signal);
  }

  async #stretch(secret: Kex2Secret, account: AccountId | null): Promise<KexSession> {
    return kex2Session(new OneUse(secret), account, this.#deps.device.id, this.#deps.ports.scrypt);
  }

  async #confirm(
    ground: Ground,
    account: AccountId,
    rendezvous: RendezvousId,
    secret: Kex3Secret,
    meetMs: number,
    signal: AbortSignal,
  ): Promise<KexSession> {
    const identity = { side: 'x', device: this.#deps.device.id, account } as const;
    const options = { secret: new OneUse(secret), rendezvous, identity, meetMs, signal };
    try {
      return await confirmKex3({ router: ground.place, ...this.#kex }, options);
    } catch (error) {
      // Nobody came, and nobody is to come any more.
      if (signal.aborted) void this.#shut(ground, rendezvous);
      throw error;
    }
  }

  /** The two have met: the steps from there on, at the chain's very end. Returns the new device's name. */
  async #walk({ run, home, place }: Ground, session: KexSession, shownBy: 'x' | 'y'): Promise<string> {
    const { account, device, ports } = this.#deps;
    const { clock, randomBytes } = this.#kex;
    this.#show(run, { is: 'meeting' });
    const { state, perUserKey, names } = await account.now();
    let endsAt = clock.now() + GRANT_MS;
    const letIn = await letDeviceIn(
      {
        router: place,
        clock,
        randomBytes,
        primitives: ports.primitives,
        device,
        state,
        perUserKey,
        names,
        passphraseStream: this.#deps.passphrase(),
        newGrant: async () => {
          const grant = randomBytes(32);
          await home.grant(sha256(grant));
          endsAt = clock.now() + GRANT_MS;
          return grant;
        },
        reserve: (at) => account.reserve(at, endsAt),
      },
      session,
      shownBy,
      {
        onAsk: ({ name, kind, code }) => {
          this.#show(run, { is: 'asking', name, kind, code });
          return new Promise((resolve) => {
            run.answer = (yes) => {
              run.answer = null;
              if (yes) this.#show(run, { is: 'joining' });
              resolve(yes);
            };
          });
        },
      },
      run.stop.signal,
    );
    // Its word that it is on the chain is not believed.
    if (!(await account.hasJoined(letIn))) throw new ProvisioningError('conflict', 'joining');
    return letIn.facts.facts.name;
  }

  async #open({ home, opened, run }: Ground, rendezvous: RendezvousId): Promise<void> {
    if (run.stop.signal.aborted) throw new KexError('cancelled');
    await orWhyNot(home.open(rendezvous));
    opened.add(rendezvous);
  }

  async #shut({ home, opened }: Ground, rendezvous: RendezvousId): Promise<void> {
    opened.delete(rendezvous);
    await home.close(rendezvous).catch(() => undefined);
  }

  /** After a way: what was used stays open a little. A relay that does not close it does so itself within the hour. */
  async #leave(ground: Ground): Promise<void> {
    if (ground.opened.size > 0)
      await this.#kex.clock.after(CLOSED_AFTER_MS, new AbortController().signal).catch(() => undefined);
    for (const rendezvous of ground.opened) await this.#shut(ground, rendezvous);
    ground.home.release();
  }

  #showSecret(
    { run, home }: Ground,
    suite: JoiningSuite,
    { account, secret }: { readonly account: AccountId; readonly secret: JoinLink['secret'] },
    words: string | null,
  ): void {
    const link = joinUrl(this.#deps.ports.page.origin, { relay: home.origin, shownBy: { side: 'x', account }, secret });
    this.#show(run, { is: 'showing', suite, link, words, endsAt: this.#kex.clock.now() + WAY_LIMIT_MS });
  }

  #end(run: Run, view: () => LettingInView): void {
    if (this.#running !== run) return;
    this.#running = null;
    this.#deps.show(view());
  }

  #show(run: Run, view: LettingInView): void {
    if (this.#running === run) this.#deps.show(view);
  }
}

function orWhyNot<T>(opening: Promise<T>): Promise<T> {
  return opening.catch((error: unknown) => {
    throw whyNotOpened(error);
  });
}
