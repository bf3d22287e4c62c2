import { parseDeviceId } from '@palmkey/envelope';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../crypto/index.ts';
import { fixedBytes } from '../testing/fixed-keys.ts';
import { MAX_STREAMS_PER_SENDER, MemoryReplayStore } from './replay-store.ts';
import { REPLAY_WINDOW_BITS, ReplayWindow } from './replay-window.ts';
import { parseStreamId } from './signed-map.ts';

const counters = fc.array(fc.oneof(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 40 })), {
  maxLength: 200,
});

describe('ReplayWindow', () => {
  it('agrees with a set of all numbers ever seen', () => {
    fc.assert(
      fc.property(counters, (numbers) => {
        const window = new ReplayWindow();
        const seen = new Set<number>();
        for (const number of numbers) {
          const highest = Math.max(0, ...seen);
          const fresh = !seen.has(number) && number >= highest - REPLAY_WINDOW_BITS;
          expect(window.accept(number)).toBe(fresh ? 'new' : 'replayed');
          seen.add(number);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('takes the lowest number of the window and refuses the one below', () => {
    const window = new ReplayWindow();
    window.accept(5000);
    expect(window.accept(5000 - REPLAY_WINDOW_BITS)).toBe('new');
    expect(window.accept(5000 - REPLAY_WINDOW_BITS)).toBe('replayed');
    expect(window.accept(5000 - REPLAY_WINDOW_BITS - 1)).toBe('replayed');
  });

  it('refuses zero, negative, broken and enormous numbers', () => {
    const window = new ReplayWindow();
    for (const bad of [0, -1, 1.5, NaN, 2 ** 53, Infinity]) expect(window.accept(bad)).toBe('replayed');
    expect(window.accept(Number.MAX_SAFE_INTEGER)).toBe('new');
    expect(window.accept(Number.MAX_SAFE_INTEGER - 1)).toBe('new');
  });

  it('goes on after encode and decode as if nothing had happened', () => {
    fc.assert(
      fc.property(counters, counters, (before, after) => {
        const one = new ReplayWindow();
        for (const number of before) one.accept(number);
        const two = ReplayWindow.decode(one.encode());
        expect(two.highest).toBe(one.highest);
        for (const number of after) expect(two.accept(number)).toBe(one.accept(number));
      }),
    );
  });

  it('decode refuses another length and a number beyond 2^53', () => {
    const bytes = new ReplayWindow().encode();
    for (let length = 0; length < bytes.length; length++) {
      expect(() => ReplayWindow.decode(bytes.subarray(0, length))).toThrow(FormatError);
    }
    expect(() => ReplayWindow.decode(new Uint8Array(bytes.length + 1))).toThrow(FormatError);
    expect(() => ReplayWindow.decode(new Uint8Array(bytes.length).fill(255))).toThrow(FormatError);
  });
});

describe('MemoryReplayStore', () => {
  const sender = parseDeviceId(fixedBytes('sender').slice(0, 16));
  const other = parseDeviceId(fixedBytes('other').slice(0, 16));
  const stream = (name: string) => parseStreamId(fixedBytes(name).slice(0, 16));

  it('keeps a window for each sender and stream', () => {
    const store = new MemoryReplayStore();
    expect(store.accept(sender, stream('a'), 1, 10)).toBe('new');
    expect(store.accept(sender, stream('b'), 1, 10)).toBe('new');
    expect(store.accept(other, stream('a'), 1, 10)).toBe('new');
    expect(store.accept(sender, stream('a'), 1, 10)).toBe('replayed');
  });

  it('forgets a window only when all that it saw is over', () => {
    const store = new MemoryReplayStore();
    store.accept(sender, stream('a'), 2, 100);
    store.accept(sender, stream('a'), 1, 50);
    store.forget(100);
    expect(store.accept(sender, stream('a'), 1, 50)).toBe('replayed');
    store.forget(101);
    expect(store.size).toBe(0);
  });

  it('refuses one stream more than it keeps', () => {
    const store = new MemoryReplayStore();
    for (let i = 0; i < MAX_STREAMS_PER_SENDER; i++) expect(store.accept(sender, stream(`${i}`), 1, 10)).toBe('new');
    expect(store.accept(sender, stream('more'), 1, 10)).toBe('replayed');
    expect(store.accept(sender, stream('0'), 2, 10)).toBe('new');
    expect(store.accept(other, stream('more'), 1, 10)).toBe('new');
  });
});
