/** A reader that shares nothing with the packages says of packets, frames and per-user keys what the vectors say. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readPage } from './page.ts';

interface Provisioning {
  packets: {
    valid: { name: string; payload: string }[];
    invalid: { name: string; code: string }[];
  };
  frames: { name: string; frame: object }[];
  invalidFrames: { name: string }[];
}
interface Members {
  generations: { generation: number; seed: string; signingKey: string; agreementKey: string; symmetricKey: string }[];
}
const { packets, frames, invalidFrames } = readPage('provisioning') as Provisioning;
const { generations } = readPage('members') as Members;

/** What the reader says of the vectors, by a program that has nothing but it and the two files. */
const read = JSON.parse(
  execFileSync(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `
      import { readFileSync } from 'node:fs';
      import { readFrame, readPacket, perUserKeys, openPerUserBox, openPreviousSeed } from './read-joining.mjs';
      const page = (name) => JSON.parse(readFileSync(name + '.json', 'utf8'));
      const bytes = (hex) => new Uint8Array(Buffer.from(hex, 'hex'));
      const hexed = (value) => value instanceof Uint8Array ? Buffer.from(value).toString('hex')
        : Array.isArray(value) ? value.map(hexed)
        : typeof value === 'object' && value !== null
        ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, hexed(each)])) : value;
      const { packets, frames, invalidFrames } = page('provisioning');
      const { generations, devices, box, previous } = page('members');
      const stream = { key: bytes(packets.key), session: bytes(packets.session), self: bytes(packets.self),
        peer: bytes(packets.peer), next: 1 };
      const packet = ({ sender = packets.peer, seqno, packet }) =>
        readPacket(stream, { sender: bytes(sender), seqno, message: bytes(packet) });
      const seeds = [openPerUserBox(bytes(box), bytes(devices.sender.agreementKey), bytes(devices.receiver.agreementPrivate))];
      for (const each of [...previous].reverse())
        seeds.push(openPreviousSeed(bytes(each), perUserKeys(seeds.at(-1)).symmetricKey));
      console.log(JSON.stringify(hexed({
        packets: [...packets.valid, ...packets.invalid].map(packet),
        frames: [...frames, ...invalidFrames].map((each) => readFrame(bytes(each.bytes))),
        generations: generations.map(({ seed }) => perUserKeys(bytes(seed))),
        seeds: seeds.reverse(),
      })));
      `,
    ],
    { cwd: fileURLToPath(new URL('.', import.meta.url)), encoding: 'utf8' },
  ),
) as { packets: unknown[]; frames: unknown[]; generations: unknown[]; seeds: unknown[] };

it('takes every valid packet, and refuses every other for the same reason', () => {
  const expected = [
    ...packets.valid.map(({ payload }) => ({ payload })),
    ...packets.invalid.map(({ code }) => ({ code })),
  ];
  expect(read.packets).toEqual(expected);
});

it('reads every frame, and none of those that are none', () => {
  expect(read.frames).toEqual([...frames.map(({ frame }) => frame), ...invalidFrames.map(() => null)]);
});

it('derives every generation of the per-user key, and walks down to the first from a box', () => {
  expect(read.generations).toEqual(
    generations.map(({ signingKey, agreementKey, symmetricKey }) => ({ signingKey, agreementKey, symmetricKey })),
  );
  expect(read.seeds).toEqual(generations.map(({ seed }) => seed));
});
