import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { type RouterFault, senderOf } from '../testing/fake-router.ts';
import { kexPair, rendezvous } from '../testing/kex-pair.ts';
import type { RoutedMessage } from './ports.ts';
import { RpcPeer } from './rpc.ts';

const LIMIT_MS = 60_000;
const WAIT_MS = 30_000;
const CALLS = 4;
const never = new AbortController().signal;
/** What a relay does to a message, by its place among all that are posted. */
const moves = ['pass', 'drop', 'twice', 'flip', 'empty', 'late', 'foreign', 'cut'] as const;
type Move = (typeof moves)[number];

/** Calls in both directions over a relay with these habits; what became of each call and of both sides. */
async function run(
  plan: readonly Move[],
): Promise<{ readonly calls: readonly unknown[]; readonly ends: readonly string[] }> {
  const late: RoutedMessage[] = [];
  const fault: RouterFault = (each, index) => {
    const out = [...applied(plan[index] ?? 'pass', each, late), ...late.splice(0, late.length - 1)];
    return out;
  };
  const { x, y, clock, router } = kexPair({ unsorted: true, fault });
  const sides = [x, y].map(
    (connection) => new RpcPeer(connection, clock, { calls: new Map([['echo', (arg) => arg]]), notifies: new Map() }),
  );
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      (result) => result,
      (error: unknown) => (error as { code?: string }).code ?? 'no error of ours',
    );
  const ends = sides.map((side) => codeOf(side.run(LIMIT_MS).then(() => 'ended')));
  const calls = Array.from({ length: CALLS }, (_, i) =>
    codeOf(sides[i % 2]?.call('echo', i, WAIT_MS, never) ?? Promise.reject(new Error('no side'))),
  );
  const over = { isSo: false };
  const all = Promise.all([Promise.all(calls), Promise.all(ends)]).finally(() => (over.isSo = true));
  for (let turn = 0; turn < 200 && !over.isSo; turn += 1) {
    for (let step = 0; step < 200; step += 1) await Promise.resolve();
    for (const each of late.splice(0)) router.put(rendezvous, each);
    clock.advance(1_000);
  }
  expect(over.isSo).toBe(true);
  const [results, outcomes] = await all;
  expect(clock.timers).toBe(0);
  return { calls: results, ends: outcomes.map(String) };
}

function applied(move: Move, each: RoutedMessage, late: RoutedMessage[]): readonly RoutedMessage[] {
  switch (move) {
    case 'pass':
      return [each];
    case 'drop':
      return [];
    case 'twice':
      return [each, each];
    case 'flip':
      return [{ ...each, message: each.message.with(-1, (each.message.at(-1) ?? 0) ^ 1) }];
    case 'empty':
      return [{ ...each, message: new Uint8Array(0) }];
    case 'late':
      late.push(each);
      return [];
    case 'foreign':
      return [{ ...each, sender: senderOf(7) }, each];
    case 'cut':
      return [{ ...each, message: each.message.slice(0, -1) }];
  }
}

it('RpcPeer over a relay that changes nothing answers each call, and ends with its time', async () => {
  expect(await run([])).toEqual({ calls: [0, 1, 2, 3], ends: ['timed-out', 'timed-out'] });
});

it.each([
  ['flip', 'packet-unopenable'],
  ['cut', 'bad-packet'],
  ['twice', 'wrong-packet-seqno'],
  ['empty', 'aborted'],
] as const)(
  'RpcPeer ends at both sides with the same code over a relay that does this to one: %s',
  async (move, code) => {
    const { calls, ends } = await run([move]);
    expect(ends).toEqual([code, code]);
    expect(calls).toContain(code);
  },
);

it('RpcPeer gives what was answered or an error, and never waits beyond its time, whatever the relay does', async () => {
  const plan = fc.array(fc.constantFrom<Move>('pass', 'pass', ...moves), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(plan, async (each) => {
      const { calls, ends } = await run(each);
      for (const [i, result] of calls.entries()) if (typeof result === 'number') expect(result).toBe(i);
      expect([...calls, ...ends]).not.toContain('no error of ours');
    }),
    { numRuns: 100 },
  );
});
