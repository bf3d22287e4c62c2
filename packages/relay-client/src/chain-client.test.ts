import {
  CHAIN_BOX_BYTES,
  concat,
  encodeAccountRecords,
  encodeChainBoxes,
  encodeChainWrite,
  encodeChainWritten,
  encodeControlFrame,
  FrameType,
  parseChainBoxesAsk,
  parseChainReadAsk,
  parseFrame,
  type AccountRecord,
  type Frame,
} from '@palmkey/envelope';
import { expect, test } from 'vitest';
import { ChainClient } from './chain-client.ts';

const done = (body = new Uint8Array(0)): Frame => parseFrame(encodeControlFrame(FrameType.done, 1, body));
const seed = (generation: number) => concat(Uint8Array.of(0, 0, 0, generation), new Uint8Array(72));
const record = (revision: number): AccountRecord => ({ name: 'a', revision, bytes: Uint8Array.of(1) });

/** A client whose orders are answered so, and what they asked. */
function clientOf(answer: (type: FrameType, body: Uint8Array) => Uint8Array<ArrayBuffer>) {
  const asked: [FrameType, Uint8Array][] = [];
  const client = new ChainClient((type, body) => {
    asked.push([type, body]);
    return Promise.resolve(done(answer(type, body)));
  });
  return { client, asked };
}

test('boxes are asked for until the seed of generation 2 is there', async () => {
  const box = new Uint8Array(CHAIN_BOX_BYTES).fill(1);
  const { client, asked } = clientOf((_, body) => {
    const from = parseChainBoxesAsk(body);
    const some = from === 0 ? [5, 4] : [3, 2];
    return encodeChainBoxes({ box, seeds: some.map(seed) });
  });
  expect(await client.boxes()).toEqual({ box, seeds: [5, 4, 3, 2].map(seed) });
  expect(asked.map(([, body]) => parseChainBoxesAsk(body))).toEqual([0, 3]);
});

test('a chain whose per-user key is the first has no seeds', async () => {
  const { client } = clientOf(() => encodeChainBoxes({ box: null, seeds: [] }));
  expect(await client.boxes()).toEqual({ box: null, seeds: [] });
});

test('records are asked for until the latest is there', async () => {
  const { client, asked } = clientOf((_, body) => {
    const next: Record<number, number[]> = { 0: [1, 4], 4: [7] };
    return encodeAccountRecords({ latest: 7, records: (next[parseChainReadAsk(body)] ?? []).map(record) });
  });
  expect(await client.records()).toEqual([1, 4, 7].map(record));
  expect(asked).toHaveLength(2);
  expect(await client.recordsAfter(4)).toEqual({ latest: 7, records: [record(7)] });
  expect(await client.recordsAfter(7)).toEqual({ latest: 7, records: [] });
});

test('records of which the latest was taken away are asked for until there are no more', async () => {
  const { client, asked } = clientOf((_, body) =>
    encodeAccountRecords({ latest: 9, records: parseChainReadAsk(body) === 0 ? [record(3)] : [] }),
  );
  expect(await client.recordsAfter(0)).toEqual({ latest: 9, records: [record(3)] });
  expect(asked).toHaveLength(2);
});

test('a record that was written has the revision that the relay says', async () => {
  const { client, asked } = clientOf(() => encodeChainWritten(12));
  expect(await client.write(record(3))).toBe(12);
  expect(asked).toEqual([[FrameType.chainWrite, encodeChainWrite(record(3))]]);
});

test('a relay that says the same again, or does not end, is none', async () => {
  const broken = expect.objectContaining({ name: 'FrameError', code: 'bad-frame' }) as Error;
  const same = clientOf(() => encodeAccountRecords({ latest: 2, records: [record(1)] }));
  await expect(same.client.records()).rejects.toEqual(broken);
  const endless = clientOf(() => encodeChainBoxes({ box: null, seeds: [seed(9)] }));
  await expect(endless.client.boxes()).rejects.toEqual(broken);
  const nothing = clientOf(() => new Uint8Array(0));
  expect(await nothing.client.ask()).toBeNull();
});
