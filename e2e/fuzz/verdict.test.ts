import { BytesError } from '@palmkey/envelope';
import { describe, expect, it } from 'vitest';
import type { Target } from './target.ts';
import { isFinding, judge, judgeSeed, MAX_INPUT_MS } from './verdict.ts';

const seed = Uint8Array.of(1, 2, 3);
const other = Uint8Array.of(1, 2, 4);
/** Each reading is the next of these, the last one again and again. */
const clockOf = (...readings: number[]) => {
  let i = 0;
  return () => readings[Math.min(i++, readings.length - 1)] ?? 0;
};
const still = () => 0;

const target = (parse: Target['parse'], kind: Target['kind'] = 'codec'): Target => ({
  name: 'broken',
  kind,
  seeds: [seed],
  refusals: [BytesError],
  parse,
});
const refuse = () => {
  throw new BytesError('no');
};

describe('judge', () => {
  it('is content with a codec that gives the same bytes, and with a refusal of either kind', async () => {
    expect(
      await judge(
        target((bytes) => bytes),
        seed,
        still,
      ),
    ).toMatchObject({ is: 'identical' });
    expect(
      await judge(
        target(() => null),
        seed,
        still,
      ),
    ).toMatchObject({ is: 'refused' });
    expect(await judge(target(refuse), seed, still)).toMatchObject({ is: 'refused' });
    expect(
      await judge(
        target(() => Promise.reject(new BytesError('no'))),
        seed,
        still,
      ),
    ).toMatchObject({
      is: 'refused',
    });
  });

  it('finds a crash: an error that the parser is not documented to throw, at once or later', async () => {
    const crash = () => {
      throw new TypeError('undefined is not a function');
    };
    const verdict = await judge(target(crash), seed, still);
    expect(verdict).toMatchObject({ is: 'crash' });
    expect(verdict.detail).toMatch(/TypeError: undefined is not a function \(verdict\.test\.ts:\d+\)/);
    expect(
      await judge(
        target(() => Promise.reject(new Error('late'))),
        seed,
        still,
      ),
    ).toMatchObject({ is: 'crash' });
  });

  it('finds a codec that accepts a second encoding', async () => {
    const verdict = await judge(
      target(() => seed),
      other,
      still,
    );
    expect(verdict).toMatchObject({ is: 'accepted', detail: 'another encoding of 010203' });
  });

  it('finds any acceptance of what nobody signed, and takes the seeds', async () => {
    const opens = target(() => new Uint8Array(0), 'authenticated');
    expect(await judge(opens, other, still)).toMatchObject({ is: 'accepted' });
    expect(await judge(opens, seed.slice(), still)).toMatchObject({ is: 'identical' });
  });

  it('finds a normal form that is refused, and one that has another', async () => {
    const lower = (bytes: Uint8Array) => bytes.map((byte) => byte & 0xfe);
    expect(await judge(target(lower, 'lenient'), seed, still)).toMatchObject({ is: 'identical' });
    const refusesEven = (bytes: Uint8Array) => (bytes[0] === 0 ? null : lower(bytes));
    expect(await judge(target(refusesEven, 'lenient'), seed, still)).toMatchObject({ is: 'accepted' });
    const shrinks = (bytes: Uint8Array) => bytes.slice(1);
    expect(await judge(target(shrinks, 'lenient'), seed, still)).toMatchObject({ is: 'accepted' });
  });

  it('finds an input over the limit, but only where every measuring agrees', async () => {
    const over = MAX_INPUT_MS + 1;
    const same = target((bytes) => bytes);
    let now = 0;
    const slow = () => (now += over);
    expect(await judge(same, seed, slow)).toMatchObject({ is: 'slow', tookMs: over });
    expect(await judge(target(refuse), seed, slow)).toMatchObject({ is: 'slow' });
    expect(await judge(same, seed, clockOf(0, over, over, over + 3))).toMatchObject({ is: 'identical', tookMs: 3 });
    expect(await judge(same, seed, clockOf(0, MAX_INPUT_MS))).toMatchObject({ is: 'identical' });
  });
});

describe('judgeSeed', () => {
  it('finds a target that refuses its own samples', async () => {
    const verdict = await judgeSeed(target(refuse), seed, still);
    expect(verdict).toMatchObject({ is: 'seed-refused' });
    expect(isFinding(verdict)).toBe(true);
    expect(
      await judgeSeed(
        target((bytes) => bytes),
        seed,
        still,
      ),
    ).toMatchObject({ is: 'identical' });
  });
});
