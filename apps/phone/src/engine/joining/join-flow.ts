import type { SignedLink } from '@palmkey/chain';
import type { DeviceKeys } from '@palmkey/core/devices';
import {
  type ChainSource,
  joinAccount,
  type Joined,
  type JoinPost,
  type KexDeps,
  postJoin,
  ProvisioningError,
} from '@palmkey/core/provisioning';
import { RelayError, relayErrors } from '@palmkey/envelope';
import { Outbox } from '@palmkey/relay-client';
import { type DeviceRow, handlesOf, makeDevice, openDevice } from '../../keyring/device-keyring.ts';
import { forgetKeyBytes } from '../../keyring/key-bytes.ts';
import { makeUserKey } from '../../keyring/user-key.ts';
import type { JoiningView } from '../../model/account-view.ts';
import type { JoiningRow } from '../../store/schema.ts';
import type { PhonePorts } from '../ports.ts';
import { untilAdmitted } from '../until-admitted.ts';
import { type EnteredAtY, readAtY } from './entered-secret.ts';
import { failedWay } from './failed-way.ts';
import { MemberMeeting, type Met } from './member-meeting.ts';
import { RelayChain } from './relay-chain.ts';
import { postOf, type SavedJoin, type ToSave } from './saved-join.ts';

/** What joining works with. */
export interface JoinFlowDeps {
  readonly ports: Pick<
    PhonePorts,
    'clock' | 'primitives' | 'scrypt' | 'meetAt' | 'fetchFlows' | 'page' | 'connectRelay' | 'fetchLinks' | 'deviceKind'
  >;
  readonly saved: SavedJoin;
  readonly show: (view: JoiningView) => void;
  /** This is a device of an account now, and the store has it. */
  readonly onJoined: () => Promise<void>;
}

/** After a post of which nothing is certain, how long until it is posted again, ms. */
const POST_AGAIN_MS = 10_000;

/** One joining, from its secret to its end. */
interface Run {
  readonly stop: AbortController;
  /** Names the device; null while it is not asked for. */
  named: ((name: string) => void) | null;
  /** What may be on the chain already; null before it is saved. */
  saved: JoiningRow | null;
  /** Posts what was saved once more, at once; null while it is being posted. */
  again: (() => void) | null;
}

/**
 * The side of Y (spec/provisioning.md): a browser without anything becomes a device of an account, or shows a code that
 * says what went wrong. Each try has new keys. From the moment in which it is saved nothing calls it back: it is posted
 * until it is certain.
 */
export class JoinFlow {
  readonly #deps: JoinFlowDeps;
  readonly #kex: Pick<KexDeps, 'clock' | 'randomBytes'>;
  readonly #meeting: MemberMeeting;
  #running: Run | null = null;

  constructor(deps: JoinFlowDeps) {
    const { clock, primitives } = deps.ports;
    this.#deps = deps;
    this.#kex = { clock, randomBytes: (length) => primitives.randomBytes(length) };
    this.#meeting = new MemberMeeting(deps.ports);
  }

  /** Takes up what was saved before a crash, if there is something. */
  async resume(): Promise<void> {
    const row = await this.#deps.saved.read();
    if (row !== null) this.#begin((run) => this.#postSaved(run, row));
  }

  /** Whether something is saved of which it is not certain whether it is on the chain. */
  get isUncertain(): boolean {
    return this.#running !== null && this.#running.saved !== null;
  }

  /** Joins with what a device of the account shows. What comes of it shows in the view; never throws. */
  join(text: string): void {
    if (this.isUncertain) return;
    let entered: EnteredAtY;
    try {
      entered = readAtY(text);
    } catch (error) {
      this.close();
      this.#deps.show(failedWay(error));
      return;
    }
    this.#begin((run) => {
      const enter = (device: DeviceKeys): Promise<Met> => {
        this.#show(run, { is: 'meeting' });
        return this.#meeting.enter(device, entered, run.stop.signal);
      };
      return this.#joinBy(run, enter);
    });
  }

  /** Shows a secret, for a device of an account at the relay that the app came from. Never throws. */
  showSecret(): void {
    if (this.isUncertain) return;
    this.#begin((run) => {
      const show = (view: JoiningView): void => this.#show(run, view);
      return this.#joinBy(run, (device) => this.#meeting.show(device, show, run.stop.signal));
    });
  }

  /** What the person calls this device; asked for again as long as it will not do. */
  name(name: string): void {
    this.#running?.named?.(name);
  }

  /**
   * The person changed their mind: the other side is told. While it is being posted nothing happens. Where posting came to
   * nothing so far it is given up; should it be on the chain all the same, another device has to take it out.
   */
  cancel(): void {
    const { saved = null, again = null } = this.#running ?? {};
    if (saved !== null && again === null) return;
    this.close();
    this.#deps.show({ is: 'none' });
    if (saved !== null) void this.#deps.saved.drop().catch(() => undefined);
  }

  /** Leaves what is over. What is not certain is posted once more, at once. */
  dismiss(): void {
    if (this.#running === null) this.#deps.show({ is: 'none' });
    else this.#running.again?.();
  }

  /** This tab answers no more: as if cancelled, but what was saved stays. */
  close(): void {
    this.#running?.stop.abort();
    this.#running = null;
  }

  /** The page goes away in the middle: the other side is told, if there is still time for it. */
  interrupt(): void {
    if (this.#running === null || this.isUncertain) return;
    this.close();
    this.#deps.show({ is: 'failed', code: 'interrupted', step: null, theirs: null });
  }

  #begin(work: (run: Run) => Promise<void>): void {
    this.close();
    const run: Run = { stop: new AbortController(), named: null, saved: null, again: null };
    this.#running = run;
    this.#show(run, { is: 'preparing' });
    void work(run).then(
      () => this.#done(run),
      (error: unknown) => this.#end(run, () => failedWay(error)),
    );
  }

  /** New keys, a meeting, and the steps from there on. */
  async #joinBy(run: Run, meet: (device: DeviceKeys) => Promise<Met>): Promise<void> {
    const { ports } = this.#deps;
    // Only later it is known whether a passphrase comes along that locks them.
    const made = await makeDevice('', ports.clock.now(), true);
    const device = await openDevice(made);
    const { relay, place, account, session, shownBy } = await meet(device);
    this.#show(run, { is: 'meeting' });
    const chain = this.#chainAt(relay, device);
    let before: readonly SignedLink[] = [];
    try {
      await joinAccount(
        {
          router: place,
          ...this.#kex,
          primitives: ports.primitives,
          device,
          kind: ports.deviceKind,
          account,
          chain: {
            links: async (...asked) => (before = await chain.links(...asked)),
            previousSeeds: (...asked) => chain.previousSeeds(...asked),
            post: (...posted) => this.#postAndFinish(run, chain, ...posted),
          },
          store: {
            save: async (joined) => {
              this.#show(run, { is: 'joining' });
              run.saved = await this.#save(made, joined, { relay, id: device.id, before });
            },
            drop: () => this.#drop(run),
          },
        },
        session,
        shownBy,
        {
          onName: (problem) => {
            this.#show(run, { is: 'naming', problem });
            return new Promise((resolve) => {
              run.named = (name) => {
                run.named = null;
                resolve(name);
              };
            });
          },
          onCode: (code) => this.#show(run, { is: 'code', code }),
        },
        run.stop.signal,
      );
    } catch (error) {
      if (run.saved === null) throw error;
      chain.close();
      await this.#postSaved(run, run.saved, error);
    } finally {
      chain.close();
    }
  }

  /** Device, first user key and account, as what may come to be; nothing is posted before. */
  async #save(made: DeviceRow, joined: Joined, known: Pick<ToSave, 'relay' | 'id' | 'before'>): Promise<JoiningRow> {
    const { ports, saved } = this.#deps;
    const { name } = joined.facts.facts;
    const isLocked = joined.passphraseStream !== null || saved.isLocking;
    if (!isLocked) forgetKeyBytes(handlesOf(made));
    const key = await makeUserKey(name, made.createdAt, 'ssh-ed25519', isLocked);
    return saved.save(ports.primitives, { ...known, device: { ...made, name }, key, joined });
  }

  async #drop(run: Run): Promise<void> {
    await this.#deps.saved.drop();
    run.saved = null;
  }

  /** As soon as the relay has it, this is a device with an account, whatever becomes of the other side. */
  async #postAndFinish(
    run: Run,
    chain: ChainSource,
    post: JoinPost,
    signal: AbortSignal,
  ): Promise<'done' | 'conflict'> {
    const outcome = await chain.post(post, signal);
    if (outcome === 'done' && run.saved !== null) await this.#deps.saved.finish(run.saved);
    return outcome;
  }

  /** Posts what was saved until it is certain what became of it. `uncertain`: why it is not yet. */
  async #postSaved(run: Run, row: JoiningRow, uncertain: unknown = null): Promise<void> {
    run.saved = row;
    const { clock } = this.#kex;
    const device = await openDevice(row.device);
    const store = { save: () => Promise.resolve(), drop: () => this.#drop(run) };
    let why = uncertain;
    while (!run.stop.signal.aborted) {
      if (why !== null) await this.#untilAgain(run, why);
      this.#show(run, { is: 'joining' });
      const chain = this.#chainAt(row.relay, device);
      const source: ChainSource = {
        links: (...asked) => chain.links(...asked),
        previousSeeds: (...asked) => chain.previousSeeds(...asked),
        post: (...posted) => this.#postAndFinish(run, chain, ...posted),
      };
      try {
        if ((await postJoin({ chain: source, store, clock }, postOf(row))) === 'done') return;
        throw new ProvisioningError('conflict', 'joining');
      } catch (error) {
        if (isDropped(run)) throw error;
        why = error;
      } finally {
        chain.close();
      }
    }
  }

  /** Says why it is not certain, and waits until it is tried again. Drops it, and throws why, where it is certain. */
  async #untilAgain(run: Run, why: unknown): Promise<void> {
    const cause = why instanceof ProvisioningError ? why.cause : why;
    if (isFinal(cause)) {
      await this.#drop(run);
      throw cause;
    }
    this.#show(run, failedWay(why));
    const soon = new AbortController();
    run.again = () => soon.abort();
    const signal = AbortSignal.any([soon.signal, run.stop.signal]);
    await this.#kex.clock.after(POST_AGAIN_MS, signal).catch(() => undefined);
    run.again = null;
  }

  #chainAt(relay: string, device: DeviceKeys): RelayChain {
    const { connectRelay, fetchLinks, clock } = this.#deps.ports;
    return new RelayChain({
      clock,
      fetchLinks: (account, signal) => fetchLinks(relay, account, 0, signal),
      connect: (grant) => {
        const link = connectRelay(relay, device, grant, new Outbox());
        link.start();
        return { chain: link.chain, connected: () => untilAdmitted(link, clock), close: () => link.close() };
      },
    });
  }

  async #done(run: Run): Promise<void> {
    if (this.#running !== run || run.stop.signal.aborted) return;
    this.#running = null;
    this.#deps.show({ is: 'done' });
    await this.#deps.onJoined();
  }

  #end(run: Run, view: () => JoiningView): void {
    if (this.#running !== run) return;
    this.#running = null;
    this.#deps.show(view());
  }

  #show(run: Run, view: JoiningView): void {
    if (this.#running === run) this.#deps.show(view);
  }
}

/** Whether what was saved is gone by now. */
function isDropped({ saved }: Run): boolean {
  return saved === null;
}

/** Whether a relay has said what it will say again. */
function isFinal(error: unknown): error is RelayError {
  return error instanceof RelayError && relayErrors[error.code].retry === 'no';
}
