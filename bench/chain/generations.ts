/** What a device does that joins: it opens its box, and every generation of the per-user key from the one after it. */
import {
  importPerUserKeys,
  parsePerUserSeed,
  type PerUserKey,
  perUserKeyOf,
  type PreviousSeed,
  sealPerUserBox,
  sealPreviousSeed,
} from '@palmkey/core/account';
import { openSecretBox, webPrimitives } from '@palmkey/core/crypto';
import { publicDevice } from '@palmkey/core/devices';
import { fixedBytes, fixedDevice } from '../../e2e/fuzz/keys.ts';
import { median, type Row } from '../rows.ts';

/** Beside the bare openings, and the keys that the seeds give. */
export async function openedGenerations(count: number, quick: boolean): Promise<readonly Row[]> {
  const device = fixedDevice('member 0');
  const self = publicDevice(device.signer.publicKey, device.agreement.publicKey);
  const generations: PerUserKey[] = [];
  for (let i = 1; i <= count; i += 1) {
    generations.push(await perUserKeyOf(webPrimitives, parsePerUserSeed(fixedBytes(`seed ${i}`)), i));
  }
  const seeds = generations.flatMap((key, i) => {
    const former = generations[i - 1];
    return former ? [{ key, seed: sealPreviousSeed(webPrimitives, key, former) }] : [];
  });
  const latest = generations.at(-1);
  if (latest === undefined) throw new RangeError('no generation');
  const box = await sealPerUserBox(webPrimitives, device, self, latest);
  const chain = { generations, member: () => self };
  const given = seeds.map(({ seed }) => seed);
  const [ours, floor]: [number[], number[]] = [[], []];
  for (let round = -1; round < (quick ? 1 : 5); round += 1) {
    const [mine, bare] = [
      await timed(() => importPerUserKeys(webPrimitives, device, chain, box, given)),
      await timed(() => openBare(seeds)),
    ];
    if (round < 0) continue;
    ours.push(mine);
    floor.push(bare);
  }
  const row = { bench: 'chain', case: `${count} generations opened`, unit: 'µs', metric: 'us_per_generation' };
  return [
    { ...row, subject: 'ours', value: (1000 * median(ours)) / count },
    { ...row, subject: 'openings alone', value: (1000 * median(floor)) / count },
  ];
}

async function openBare(seeds: readonly { readonly key: PerUserKey; readonly seed: PreviousSeed }[]): Promise<void> {
  for (const { key, seed } of seeds) {
    const opened = parsePerUserSeed(openSecretBox(key.symmetricKey, seed.boxed));
    await perUserKeyOf(webPrimitives, opened, key.generation - 1);
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
