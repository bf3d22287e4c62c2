import { PalmkeyError } from '@palmkey/envelope';
import * as v from 'valibot';
import type { MaybePromise } from '../crypto/index.ts';
import { type Clock, withDeadline } from '../timing/deadline.ts';
import type { Connection } from './connection.ts';
import { KexError } from './errors.ts';
import { encodeFrame, FrameReader, type RpcFailure, type RpcFrame } from './rpc-frames.ts';

/** How many calls of the other side may be under way at once. */
export const MAX_RUNNING_CALLS = 8;
/** How much of the stream is taken at once. */
const MAX_READ_BYTES = 64 * 1024;
/** How long the relay has for a frame, ms. */
const WRITE_LIMIT_MS = 30_000;
/** How long it has for the word that this side gave up: nobody waits for that. */
const LEAVE_LIMIT_MS = 2_000;
/** A code that another side may see. */
const CODE = /^[a-z0-9-]{1,64}$/;
/** The notify of a side that ends it for something wrong in what came. */
const FAILED = 'palmkey.kex.failed';
/** The argument of it. */
export const failedSchema = v.strictObject({ code: v.pipe(v.string(), v.regex(CODE)) });

/**
 * What this side does for the other. `arg` is what canonical MessagePack held: nothing of it was looked at. What is thrown
 * goes back by its code alone; the signal is aborted when the other side cancels or leaves.
 */
export interface RpcMethods {
  /** By method; what is not here is answered with `unknown-method`. */
  readonly calls: ReadonlyMap<string, (arg: unknown, signal: AbortSignal) => MaybePromise<unknown>>;
  /** By method; what is not here is passed over. A notify that throws ends the exchange with what it threw. */
  readonly notifies: ReadonlyMap<string, (arg: unknown) => void>;
}

/** The other side answered a call with an error, or said that it failed. */
export class RemoteError extends PalmkeyError {
  override readonly name = 'RemoteError';
  /** As the other side gave it: lower-case letters, digits and `-`, at most 64. */
  readonly code: string;

  constructor({ code }: Pick<RpcFailure, 'code'>) {
    super('the other side answered with an error');
    this.code = code;
  }
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Calls in both directions over one {@link Connection} (spec/provisioning.md, "RPC"). */
export class RpcPeer {
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #methods: RpcMethods;
  readonly #waiting = new Map<number, Waiting>();
  readonly #running = new Map<number, { readonly method: string; readonly stop: AbortController }>();
  readonly #over = new AbortController();
  #nextSeqid = 0;
  #nextTheirs = 0;
  #failure: Error | null = null;

  constructor(connection: Connection, clock: Clock, methods: RpcMethods) {
    this.#connection = connection;
    this.#clock = clock;
    this.#methods = methods;
  }

  /**
   * Reads and answers until the other side closes; then it returns. Must be running for calls to be answered; once. Throws
   * {@link KexError}: `timed-out` after `limitMs`, `closed` when this side has closed, what ended the stream, and
   * `bad-frame`, `wrong-seqid`, `too-many-calls`; {@link RemoteError} where the other side says that it failed. Of what was
   * wrong in what came the other side is told by its code, and the connection is closed. However it ends, calls that wait
   * fail: with `peer-left` where the other side closed, otherwise with the same.
   */
  async run(limitMs: number): Promise<void> {
    const reader = new FrameReader();
    const late = () => new KexError('timed-out');
    const cancelled = () => this.#failure ?? new KexError('closed');
    const signals = [this.#over.signal];
    try {
      await withDeadline({ clock: this.#clock, ms: limitMs, late, cancelled, signals }, async (signal) => {
        for (;;) {
          const read = await this.#connection.read(MAX_READ_BYTES, limitMs, signal);
          if (read.is === 'end') break;
          if (read.is === 'data') for (const frame of reader.push(read.bytes)) this.#take(frame);
        }
        if (!reader.isBetween) throw new KexError('bad-frame');
      });
      this.#end(new KexError('peer-left'));
    } catch (error) {
      const failure = error instanceof Error ? error : new KexError('closed', { cause: error });
      this.#end(failure);
      await this.#connection.leave(farewellOf(failure), LEAVE_LIMIT_MS);
      throw failure;
    }
  }

  /**
   * Calls a method of the other side and gives its result, of which nothing was looked at. Throws {@link RemoteError} where
   * it answers with an error; {@link KexError} `timed-out`, and `cancelled` with the signal, of both of which the other
   * side is told; and whatever ended {@link run}.
   */
  async call(method: string, arg: unknown, waitMs: number, signal: AbortSignal): Promise<unknown> {
    if (this.#failure) throw this.#failure;
    const seqid = this.#nextSeqid++;
    const answer = new Promise<unknown>((resolve, reject) => this.#waiting.set(seqid, { resolve, reject }));
    answer.catch(() => undefined);
    const late = () => new KexError('timed-out');
    const cancelled = () => new KexError('cancelled');
    try {
      return await withDeadline({ clock: this.#clock, ms: waitMs, late, cancelled, signals: [signal] }, async () => {
        await this.#write({ is: 'call', seqid, method, arg });
        return answer;
      });
    } catch (error) {
      if (this.#waiting.has(seqid)) this.#write({ is: 'cancel', seqid, method }).catch(() => undefined);
      throw error;
    } finally {
      this.#waiting.delete(seqid);
    }
  }

  /** Tells the other side something that has no answer; returns when the relay has it. */
  async notify(method: string, arg: unknown): Promise<void> {
    if (this.#failure) throw this.#failure;
    await this.#write({ is: 'notify', method, arg });
  }

  /** Closes: the other side's calls fail with `peer-left`, this side's with `closed`. Never throws. */
  async close(): Promise<void> {
    this.#end(new KexError('closed'));
    await this.#connection.close(LEAVE_LIMIT_MS).catch(() => undefined);
  }

  /**
   * Closes as {@link close} does, without waiting for what was written: for somebody who may be gone any moment. Where
   * the relay has not said yet that it has all of it, the other side's calls fail with `aborted` instead. Never throws.
   */
  async part(): Promise<void> {
    this.#end(new KexError('closed'));
    await this.#connection.part(LEAVE_LIMIT_MS);
  }

  #take(frame: RpcFrame): void {
    switch (frame.is) {
      case 'call':
        this.#accept(frame.seqid, frame.method, frame.arg);
        break;
      case 'notify':
        if (frame.method === FAILED) this.#failed(frame.arg);
        this.#methods.notifies.get(frame.method)?.(frame.arg);
        break;
      case 'cancel': {
        const running = this.#running.get(frame.seqid);
        if (running?.method !== frame.method) break;
        this.#running.delete(frame.seqid);
        running.stop.abort();
        break;
      }
      case 'answer': {
        const waiting = this.#waiting.get(frame.seqid);
        this.#waiting.delete(frame.seqid);
        if (frame.failure) waiting?.reject(new RemoteError(frame.failure));
        else waiting?.resolve(frame.result);
      }
    }
  }

  /** The other side ends it. What has not the form of its word is passed over: the end comes all the same. */
  #failed(arg: unknown): void {
    const said = v.safeParse(failedSchema, arg);
    if (said.success) throw new RemoteError(said.output);
  }

  #accept(seqid: number, method: string, arg: unknown): void {
    if (seqid !== this.#nextTheirs) throw new KexError('wrong-seqid');
    if (this.#running.size >= MAX_RUNNING_CALLS) throw new KexError('too-many-calls');
    this.#nextTheirs += 1;
    const stop = new AbortController();
    this.#running.set(seqid, { method, stop });
    void this.#answer(seqid, method, arg, stop.signal);
  }

  async #answer(seqid: number, method: string, arg: unknown, signal: AbortSignal): Promise<void> {
    let answer: RpcFrame;
    try {
      const work = this.#methods.calls.get(method);
      if (!work) throw new UnknownMethodError('no such method');
      answer = { is: 'answer', seqid, failure: null, result: await work(arg, signal) };
    } catch (error) {
      const code = error instanceof PalmkeyError && CODE.test(error.code) ? error.code : 'failed';
      answer = { is: 'answer', seqid, failure: { code, message: '' }, result: null };
    }
    // Who cancelled waits for no answer.
    if (!this.#running.delete(seqid)) return;
    await this.#write(answer).catch((error: unknown) => {
      this.#end(error instanceof Error ? error : new KexError('closed', { cause: error }));
    });
  }

  async #write(frame: RpcFrame): Promise<void> {
    await this.#connection.write(encodeFrame(frame), WRITE_LIMIT_MS);
  }

  /** The first end counts. */
  #end(failure: Error): void {
    if (this.#failure) return;
    this.#failure = failure;
    for (const { reject } of this.#waiting.values()) reject(failure);
    for (const { stop } of this.#running.values()) stop.abort();
    this.#waiting.clear();
    this.#running.clear();
    this.#over.abort();
  }
}

/** What the other side is told of a failure: its code, unless this side gave up, or the other did. */
function farewellOf(failure: Error): Uint8Array {
  const isTold = failure instanceof PalmkeyError && !(failure instanceof RemoteError) && CODE.test(failure.code);
  if (!isTold || failure.code === 'closed') return new Uint8Array(0);
  return encodeFrame({ is: 'notify', method: FAILED, arg: { code: failure.code } });
}

/** What a call of a method that is not there is answered with. */
class UnknownMethodError extends PalmkeyError {
  override readonly name = 'UnknownMethodError';
  readonly code = 'unknown-method';
}
