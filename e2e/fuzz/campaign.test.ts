import { BytesError, equal, toHex } from '@palmkey/envelope';
import { describe, expect, it } from 'vitest';
import { fuzz, inputsFor } from './campaign.ts';
import type { Target } from './target.ts';
import { allTargets } from './targets.ts';
import { isFinding, judgeSeed } from './verdict.ts';

const still = () => 0;
const seed = new TextEncoder().encode('a sample');
/** Takes only its sample. */
const sound: Target = {
  name: 'sound',
  kind: 'codec',
  seeds: [seed],
  refusals: [BytesError],
  parse: (bytes) => {
    if (!equal(bytes, seed)) throw new BytesError('another');
    return bytes;
  },
};

describe('fuzz', () => {
  it('cuts every seed at each byte, then changes them, and counts what came of it', async () => {
    const { row, findings } = await fuzz(sound, 200, 1, still);
    expect(findings).toEqual([]);
    expect(row).toMatchObject({ truncations: seed.length, inputs: 200 });
    expect(row.identical + row.refused).toBe(row.truncations + row.inputs);
  });

  it('reports a deliberate bug with the input that shows it', async () => {
    const ignoresCase: Target = {
      ...sound,
      parse: (bytes) => {
        if (bytes.length === 3) throw new TypeError('three');
        return equal(
          bytes.map((byte) => byte & 0xdf),
          seed.map((byte) => byte & 0xdf),
        )
          ? seed
          : null;
      },
    };
    const { findings } = await fuzz(ignoresCase, 5_000, 1, still);
    expect(findings[0]).toMatchObject({ target: 'sound', seed: 1, is: 'crash', input: toHex(seed.slice(0, 3)) });
    expect(findings.map(({ is }) => is)).toContain('accepted');
  });

  it('gives the same findings for the same seed', async () => {
    const fails: Target = { ...sound, parse: (bytes) => (bytes.length > 12 ? seed : bytes) };
    expect(await fuzz(fails, 500, 9, still)).toEqual(await fuzz(fails, 500, 9, still));
  });
});

describe('inputsFor', () => {
  it('shares out exactly what there is, evenly but for the costly', () => {
    const targets = [sound, { ...sound, share: 0.5 }, sound, sound];
    expect(inputsFor(targets, 700)).toEqual([200, 100, 200, 200]);
    expect(inputsFor(targets, 703).reduce((sum, count) => sum + count, 0)).toBe(703);
  });
});

describe('allTargets', () => {
  it('have names of their own, and take each of their samples', async () => {
    const targets = await allTargets();
    try {
      expect(new Set(targets.map(({ name }) => name)).size).toBe(targets.length);
      for (const target of targets) {
        expect(target.seeds, target.name).not.toEqual([]);
        for (const sample of target.seeds) {
          const verdict = await judgeSeed(target, sample, still);
          expect(isFinding(verdict), `${target.name}: ${verdict.detail} ${toHex(sample)}`).toBe(false);
        }
      }
    } finally {
      for (const target of targets) await target.close?.();
    }
  });
});
