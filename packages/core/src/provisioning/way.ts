import type { MaybePromise } from '../crypto/index.ts';
import { type Clock, withDeadline } from '../timing/deadline.ts';
import { Connection } from './connection.ts';
import { KexError } from './errors.ts';
import type { KexDeps } from './ports.ts';
import { RpcPeer } from './rpc.ts';
import type { KexSession } from './session.ts';
import { atStep, ProvisioningError, type ProvisioningStep } from './way-errors.ts';
import { METHODS } from './wire.ts';

/** The time for all of it, ms. */
export const WAY_LIMIT_MS = 10 * 60_000;
/** The time for a step that waits for no person, ms. */
export const STEP_LIMIT_MS = 30_000;
/** How long this side stays, so that the other reads why it failed, ms. */
const FAREWELL_LIMIT_MS = 2_000;

/** A call of the other side, which waits for its answer. */
export interface Turn {
  readonly arg: unknown;
  readonly answer: (result: unknown) => void;
}

/** One side of the way, while it lasts. */
export interface Way {
  readonly connection: Connection;
  readonly rpc: RpcPeer;
  /** Aborted when it is over, by whomever. */
  readonly signal: AbortSignal;
  step: ProvisioningStep;
  /** Waits for the other side's next call, which has to be of this method. */
  readonly turn: (method: string) => Promise<Turn>;
  /** Waits for a notify of this method. */
  readonly told: (method: string) => Promise<unknown>;
  /** Ends the wait for work as soon as it is over, with why. Of what this side cannot take back nothing is to be here. */
  readonly whileOn: <T>(work: Promise<T>) => Promise<T>;
}

/**
 * Walks one side's way over a new stream of the session. However it ends, the stream is closed after it; a failure is told
 * to a call that waits, by its code. Throws {@link ProvisioningError}, and what the hooks throw.
 */
export async function walk<T>(
  deps: KexDeps,
  session: KexSession,
  signal: AbortSignal,
  work: (way: Way) => Promise<T>,
): Promise<T> {
  const connection = new Connection(deps, session);
  const over = new AbortController();
  const broken = deferred<never>();
  const end = (error: unknown): void => {
    broken.reject(error);
    over.abort();
  };
  const turns = new Turns(end, () => way.step);
  const rpc = new RpcPeer(connection, deps.clock, {
    calls: new Map([METHODS.hello, METHODS.countersigned].map((method) => [method, turns.taker(method)])),
    notifies: new Map([METHODS.start, METHODS.code].map((method) => [method, turns.hearer(method)])),
  });
  const way: Way = {
    connection,
    rpc,
    signal: over.signal,
    step: 'meeting',
    turn: (method) => {
      const turn = way.whileOn(turns.next(method));
      turn.catch(() => undefined);
      return turn;
    },
    told: (method) => way.whileOn(turns.note(method)),
    whileOn: (waiting) => Promise.race([broken.promise, waiting]),
  };
  const running = rpc.run(WAY_LIMIT_MS).then(
    () => end(new KexError('peer-left')),
    (error: unknown) => end(error),
  );
  const left: Promise<void>[] = [];
  const cancel = () => {
    end(new KexError('cancelled'));
    // At once, since a page that is closed has no later; but what X has signed is not taken back.
    left.push(way.step === 'joining' ? rpc.close() : rpc.part());
  };
  if (signal.aborted) cancel();
  signal.addEventListener('abort', cancel);
  try {
    const result = await work(way);
    await parted(deps.clock, running, turns.hasAnswered ? STEP_LIMIT_MS : 0);
    return result;
  } catch (error) {
    const failure = atStep(way.step, error);
    const isHeard = turns.fail(failure);
    await parted(deps.clock, running, isHeard ? FAREWELL_LIMIT_MS : 0);
    throw failure;
  } finally {
    signal.removeEventListener('abort', cancel);
    over.abort();
    await Promise.all([...left, rpc.close()]);
  }
}

/** Work of a way that waits for no person: {@link STEP_LIMIT_MS}, then {@link KexError} `timed-out`. */
export async function inTime<T>(
  { clock }: Pick<KexDeps, 'clock'>,
  way: Way,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = () => new KexError('timed-out');
  const cancelled = () => new KexError('cancelled');
  return withDeadline({ clock, ms: STEP_LIMIT_MS, late, cancelled, signals: [way.signal] }, work);
}

/** Waits a little for the other side to leave first: what was answered last is on its way to it. */
async function parted(clock: Clock, running: Promise<void>, ms: number): Promise<void> {
  if (ms === 0) return;
  const late = () => new KexError('timed-out');
  await withDeadline({ clock, ms, late, cancelled: late, signals: [] }, () => running).catch(() => undefined);
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}

/** Who may say what now: the other side's calls and notifies, of which each has its one turn. */
class Turns {
  hasAnswered = false;
  readonly #end: (error: unknown) => void;
  readonly #step: () => ProvisioningStep;
  #isOutOfTurn = false;
  #awaited: { readonly method: string; readonly taken: Deferred<Turn> } | null = null;
  #noted: { readonly method: string; readonly taken: Deferred<unknown> } | null = null;
  #pending: Deferred<unknown> | null = null;

  constructor(end: (error: unknown) => void, step: () => ProvisioningStep) {
    this.#end = end;
    this.#step = step;
  }

  next(method: string): Promise<Turn> {
    const taken = deferred<Turn>();
    this.#awaited = { method, taken };
    return taken.promise;
  }

  note(method: string): Promise<unknown> {
    const taken = deferred<unknown>();
    this.#noted = { method, taken };
    return taken.promise;
  }

  /** What answers this method. */
  taker(method: string): (arg: unknown) => MaybePromise<unknown> {
    return (arg) => {
      const awaited = this.#awaited;
      // A notify that is waited for comes before any call.
      if (awaited?.method !== method || this.#noted !== null) throw this.#outOfTurn();
      this.#awaited = null;
      const pending = deferred<unknown>();
      this.#pending = pending;
      const answer = (result: unknown): void => {
        this.#pending = null;
        this.hasAnswered = true;
        pending.resolve(result);
      };
      awaited.taken.resolve({ arg, answer });
      return pending.promise;
    };
  }

  /** What hears this notify. */
  hearer(method: string): (arg: unknown) => void {
    return (arg) => {
      const noted = this.#noted;
      if (noted?.method !== method) throw this.#outOfTurn();
      this.#noted = null;
      noted.taken.resolve(arg);
    };
  }

  /** Tells a call that waits; true if there is one, which the other side reads. Who gave up only closes. */
  fail(error: unknown): boolean {
    const pending = this.#pending;
    this.#pending = null;
    const isToldByClosing = error instanceof ProvisioningError && error.code === 'cancelled';
    if (pending === null || isToldByClosing) return this.#isOutOfTurn;
    pending.reject(error);
    return true;
  }

  #outOfTurn(): ProvisioningError {
    this.#isOutOfTurn = true;
    const error = new ProvisioningError('bad-order', this.#step());
    this.#end(error);
    return error;
  }
}
