import { equal, fromHex, toHex } from '@palmkey/envelope';
import { beforeAll, describe, expect, it } from 'vitest';
import { readPage } from '../../../../vectors/page.ts';
import { webPrimitives } from '../crypto/index.ts';
import { type DeviceKeys, deviceKeys, parseDeviceName, type Role } from '../devices/index.ts';
import { fixedAgreement, fixedSigner } from '../testing/fixed-keys.ts';
import { publicOf } from '../testing/forge-message.ts';
import { encodeContent } from './content.ts';
import { Opener } from './opener.ts';
import { paddedLength } from './padding.ts';
import { MemoryReplayStore } from './replay-store.ts';

interface Vector {
  name: string;
  now: number;
  sender: Role;
  receiver: Role;
  body: string;
}
interface Page {
  devices: { name: string; signingSeed: string; agreementPrivate: string }[];
  padding: { length: number; padded: number }[];
  valid: (Vector & { content: string; head?: { seqno: number; hash: string } })[];
  invalid: (Vector & { code: string })[];
}
const page = readPage('message') as Page;
let host: DeviceKeys;
let phone: DeviceKeys;

beforeAll(async () => {
  const load = async (name: string) => {
    const { signingSeed, agreementPrivate } = page.devices.find((device) => device.name === name)!;
    return deviceKeys(await fixedSigner(fromHex(signingSeed)), await fixedAgreement(fromHex(agreementPrivate)));
  };
  [host, phone] = await Promise.all([load('host'), load('phone')]);
});

const open = ({ now, sender, receiver, body }: Vector) =>
  new Opener({
    primitives: webPrimitives,
    device: phone,
    role: receiver,
    peers: {
      find: (id) =>
        equal(id, host.id) ? { ...publicOf(host), name: parseDeviceName('laptop'), role: sender } : undefined,
    },
    replay: new MemoryReplayStore(),
    clock: { now: () => now },
  }).open(fromHex(body));

describe('vectors/message.json', () => {
  it.each(page.padding)('pads $length to $padded', ({ length, padded }) => {
    expect(paddedLength(length)).toBe(padded);
  });

  it.each(page.valid)('opens $name', async (vector) => {
    const { content, head } = await open(vector);
    expect(toHex(encodeContent(content))).toBe(vector.content);
    expect(head && { ...head, hash: toHex(head.hash) }).toEqual(vector.head ?? null);
  });

  it.each(page.invalid)('refuses $name', async (vector) => {
    await expect(open(vector)).rejects.toMatchObject({ code: vector.code });
  });
});
