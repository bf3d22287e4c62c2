import { parseDeviceId, parseRendezvousId, PalmkeyError } from '@palmkey/envelope';
import { describe, expect, it } from 'vitest';
import { type BoxKey, encodeCanonical } from '../crypto/index.ts';
import { FakeRouter, senderOf } from '../testing/fake-router.ts';
import { fixedBytes, fixedRandom } from '../testing/fixed-keys.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { Connection } from './connection.ts';
import { encodeFrame, type RpcFrame } from './rpc-frames.ts';
import { MAX_RUNNING_CALLS, type RpcMethods, RpcPeer } from './rpc.ts';
import type { SessionId } from './session.ts';

const LIMIT_MS = 600_000;
const WAIT_MS = 30_000;
const never = new AbortController().signal;
const key = fixedBytes('rpc key') as Uint8Array as BoxKey;
const id = fixedBytes('rpc session') as Uint8Array as SessionId;

class Refused extends PalmkeyError {
  readonly code = 'refused';
}

interface Seen {
  readonly notified: unknown[];
  readonly stopped: string[];
}

/** What one side does for the other in these tests. */
function methodsOf(seen: Seen): RpcMethods {
  return {
    calls: new Map<string, (arg: unknown, signal: AbortSignal) => unknown>([
      ['echo', (arg) => arg],
      [
        'refuse',
        () => {
          throw new Refused('a secret of the inside');
        },
      ],
      [
        'fail',
        () => {
          throw new Error('a secret of the inside');
        },
      ],
      [
        'wait',
        (arg, signal) =>
          new Promise((resolve) => {
            signal.addEventListener('abort', () => {
              seen.stopped.push(String(arg));
              resolve(null);
            });
          }),
      ],
    ]),
    notifies: new Map<string, (arg: unknown) => void>([['told', (arg) => seen.notified.push(arg)]]),
  };
}

function stage() {
  const clock = new ManualClock();
  const router = new FakeRouter(clock);
  const deps = { router, clock, randomBytes: fixedRandom('rpc') };
  const side = (self: number) => {
    const session = {
      id,
      rendezvous: parseRendezvousId(id.slice()),
      self: parseDeviceId(new Uint8Array(16).fill(self)),
      peer: null,
      writeKey: key,
      readKey: key,
      firstSeqno: 1,
      passedOver: new Set<string>(),
    };
    const seen: Seen = { notified: [], stopped: [] };
    const connection = new Connection(deps, session);
    return { seen, connection, rpc: new RpcPeer(connection, clock, methodsOf(seen)) };
  };
  const [x, y] = [side(1), side(2)];
  return { clock, router, x, y, deps };
}
const outcome = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (error as PalmkeyError).code,
  );
/** Bytes on the stream as the other side's program would not write them. */
const raw = (connection: Connection, ...frames: readonly RpcFrame[]) =>
  Promise.all(frames.map((frame) => connection.write(encodeFrame(frame), WAIT_MS)));

describe('RpcPeer', () => {
  it('calls, answers and tells, in both directions at once', async () => {
    const { x, y } = stage();
    const runs = [outcome(x.rpc.run(LIMIT_MS)), outcome(y.rpc.run(LIMIT_MS))];
    await y.rpc.notify('told', { first: true });
    const calls = [
      x.rpc.call('echo', { n: 1 }, WAIT_MS, never),
      y.rpc.call('echo', [2], WAIT_MS, never),
      x.rpc.call('echo', null, WAIT_MS, never),
    ];
    expect(await Promise.all(calls)).toEqual([{ n: 1 }, [2], null]);
    expect(x.seen.notified).toEqual([{ first: true }]);
    await x.rpc.close();
    expect(await Promise.all(runs)).toEqual(['closed', 'done']);
  });

  it('answers an unknown method, and one that fails, by a code alone, and goes on', async () => {
    const { x, y } = stage();
    void outcome(x.rpc.run(LIMIT_MS));
    void outcome(y.rpc.run(LIMIT_MS));
    const ends = ['nothing', 'refuse', 'fail'].map((method) =>
      x.rpc.call(method, null, WAIT_MS, never).catch((error: unknown) => error),
    );
    const errors = (await Promise.all(ends)) as PalmkeyError[];
    expect(errors.map(({ name, code }) => [name, code])).toEqual([
      ['RemoteError', 'unknown-method'],
      ['RemoteError', 'refused'],
      ['RemoteError', 'failed'],
    ]);
    for (const { message } of errors) expect(message).not.toContain('secret');
    expect(await x.rpc.call('echo', 'still', WAIT_MS, never)).toBe('still');
  });

  it('passes over an unknown notify, and an answer and a cancel that belong to no call', async () => {
    const { x, y } = stage();
    void outcome(y.rpc.run(LIMIT_MS));
    await raw(
      x.connection,
      { is: 'notify', method: 'unknown', arg: null },
      { is: 'answer', seqid: 7, failure: null, result: 1 },
      { is: 'cancel', seqid: 7, method: 'wait' },
    );
    void outcome(x.rpc.run(LIMIT_MS));
    expect(await x.rpc.call('echo', 1, WAIT_MS, never)).toBe(1);
  });

  it('fails calls with peer-left when the other side closes before it answers', async () => {
    const { x, y } = stage();
    const runs = [outcome(x.rpc.run(LIMIT_MS)), outcome(y.rpc.run(LIMIT_MS))];
    const call = outcome(x.rpc.call('wait', 'a', WAIT_MS, never));
    await x.rpc.notify('told', 1);
    await expect.poll(() => y.seen.notified).toEqual([1]);
    await y.rpc.close();
    expect(await call).toBe('peer-left');
    expect(await Promise.all(runs)).toEqual(['done', 'closed']);
    expect(await outcome(x.rpc.call('echo', 1, WAIT_MS, never))).toBe('peer-left');
    expect(await outcome(x.rpc.notify('told', 1))).toBe('peer-left');
    expect(y.seen.stopped).toEqual(['a']);
  });

  it('tells the other side of a call that is cancelled or late, and takes no answer to it', async () => {
    const { x, y, clock } = stage();
    void outcome(x.rpc.run(LIMIT_MS));
    void outcome(y.rpc.run(LIMIT_MS));
    const cancel = new AbortController();
    const cancelled = outcome(x.rpc.call('wait', 'cancelled', WAIT_MS, cancel.signal));
    const late = outcome(x.rpc.call('wait', 'late', 1_234, never));
    await x.rpc.call('echo', 'both are there', WAIT_MS, never);
    cancel.abort();
    await clock.timer(1_234);
    clock.advance(1_234);
    expect(await Promise.all([cancelled, late])).toEqual(['cancelled', 'timed-out']);
    await expect.poll(() => y.seen.stopped).toEqual(['cancelled', 'late']);
    expect(await x.rpc.call('echo', 'still', WAIT_MS, never)).toBe('still');
  });

  it.each([
    ['bad-frame', new Uint8Array([0xc1])],
    ['bad-frame', encodeFrame({ is: 'cancel', seqid: 0, method: 'm' }).with(2, 9)],
    ['wrong-seqid', encodeFrame({ is: 'call', seqid: 1, method: 'echo', arg: null })],
  ])('ends for good, and tells the other side why, on %s', async (code, bytes) => {
    const { x, y } = stage();
    const run = outcome(y.rpc.run(LIMIT_MS));
    const call = outcome(y.rpc.call('echo', 1, WAIT_MS, never));
    await x.connection.write(bytes, WAIT_MS);
    expect(await run).toBe(code);
    expect(await call).toBe(code);
    await expect(x.rpc.run(LIMIT_MS)).rejects.toMatchObject({ name: 'RemoteError', code });
  });

  it('tells the other side what was wrong with a packet, and with it every call that waits there', async () => {
    const { x, y, router } = stage();
    const runs = [outcome(x.rpc.run(LIMIT_MS)), outcome(y.rpc.run(LIMIT_MS))];
    const waits = x.rpc.call('wait', 1, WAIT_MS, never).catch((error: unknown) => error);
    await x.rpc.call('echo', 1, WAIT_MS, never);
    router.put(parseRendezvousId(id.slice()), { sender: senderOf(1), seqno: 3, message: new Uint8Array([0xc1]) });
    expect(await Promise.all(runs)).toEqual(['bad-packet', 'bad-packet']);
    expect(await waits).toMatchObject({ name: 'RemoteError', code: 'bad-packet' });
    expect(await outcome(x.rpc.notify('told', 1))).toBe('bad-packet');
  });

  it.each([{}, { code: 'Capitals' }, { code: 'refused', more: 1 }, null])(
    'passes over a word of failure that has not its form: %j',
    async (arg) => {
      const { x, y } = stage();
      void outcome(x.rpc.run(LIMIT_MS));
      void outcome(y.rpc.run(LIMIT_MS));
      await x.rpc.notify('palmkey.kex.failed', arg);
      expect(await x.rpc.call('echo', 'still', WAIT_MS, never)).toBe('still');
    },
  );

  it('refuses a seqid that was used', async () => {
    const { x, y } = stage();
    const run = outcome(y.rpc.run(LIMIT_MS));
    await raw(
      x.connection,
      { is: 'call', seqid: 0, method: 'echo', arg: 1 },
      { is: 'call', seqid: 0, method: 'echo', arg: 1 },
    );
    expect(await run).toBe('wrong-seqid');
  });

  it('refuses more calls at once than it answers', async () => {
    const { x, y } = stage();
    const run = outcome(y.rpc.run(LIMIT_MS));
    const calls = Array.from(
      { length: MAX_RUNNING_CALLS + 1 },
      (_, seqid) => ({ is: 'call', seqid, method: 'wait', arg: seqid }) as const,
    );
    await raw(x.connection, ...calls);
    expect(await run).toBe('too-many-calls');
    expect(y.seen.stopped).toHaveLength(MAX_RUNNING_CALLS);
  });

  it('takes an end inside a frame for a broken frame', async () => {
    const { x, y } = stage();
    const run = outcome(y.rpc.run(LIMIT_MS));
    await x.connection.write(encodeFrame({ is: 'notify', method: 'told', arg: 1 }).subarray(0, -1), WAIT_MS);
    await x.connection.close(WAIT_MS);
    expect(await run).toBe('bad-frame');
  });

  it('fails calls as the stream fails', async () => {
    const { x, y, clock } = stage();
    const runs = [outcome(x.rpc.run(LIMIT_MS)), outcome(y.rpc.run(LIMIT_MS))];
    const call = outcome(x.rpc.call('wait', 1, WAIT_MS, never));
    await x.rpc.call('echo', 1, WAIT_MS, never);
    await y.connection.abort(WAIT_MS);
    expect(await Promise.all([...runs, call])).toEqual(['aborted', 'aborted', 'aborted']);
    expect(clock.timers).toBe(0);
  });

  it('is over after its limit, whatever the other side does', async () => {
    const { x, clock } = stage();
    const run = outcome(x.rpc.run(LIMIT_MS));
    await clock.timer(LIMIT_MS);
    clock.advance(LIMIT_MS);
    expect(await run).toBe('timed-out');
    expect(await outcome(x.rpc.call('echo', 1, WAIT_MS, never))).toBe('timed-out');
  });

  it('refuses an argument that canonical MessagePack cannot hold', async () => {
    const { x } = stage();
    await expect(x.rpc.call('echo', { when: new Date(0) }, WAIT_MS, never)).rejects.toMatchObject({
      code: 'bad-format',
    });
    expect(() => encodeCanonical(undefined)).toThrow();
  });
});
