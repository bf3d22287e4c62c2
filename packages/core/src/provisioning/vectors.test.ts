import {
  ascii,
  concat,
  fromHex,
  parseAccountId,
  parseDeviceId,
  parseRendezvousId,
  parseRendezvousSender,
  toHex,
} from '@palmkey/envelope';
import sodium from 'libsodium-wrappers';
import { beforeAll, describe, expect, it } from 'vitest';
import { readPage } from '../../../../vectors/page.ts';
import { CpaceSide } from '../crypto/cpace.ts';
import type { BoxKey } from '../crypto/index.ts';
import { encodeJoinLink, joinUrl, parseJoinLink, parseJoinUrl } from './join-link.ts';
import {
  codeRendezvous,
  confirmationOf,
  cpaceInputs,
  encodeShare,
  kex3Keys,
  type Kex3Secret,
  parseShare,
} from './kex3-keys.ts';
import { PacketReceiver, sealPacket } from './packet.ts';
import { encodeFrame, FrameReader } from './rpc-frames.ts';
import { kex2Session, kex2SessionId, OneUse, type SessionId, stretchWords } from './session.ts';
import { parseTyped, WordsError } from './words.ts';

type Kex3Hex =
  | 'secret'
  | 'rendezvous'
  | 'randomX'
  | 'randomY'
  | 'messageX'
  | 'messageY'
  | 'agreed'
  | 'confirmKeyX'
  | 'confirmKeyY'
  | 'keyX'
  | 'keyY'
  | 'session'
  | 'confirmationX'
  | 'confirmationY';
interface Page {
  suites: {
    suite: 'kex2-v1' | 'kex2-v2';
    words: string;
    account: string | null;
    cost: number;
    stretched: string;
    session: string;
  }[];
  typed: { text: string; suite: string; number?: number; words: string }[];
  invalidTyped: { text: string; code: string }[];
  kex3: (Readonly<Record<Kex3Hex, string>> & { how: 'words' | 'code' })[];
  invalidShares: { name: string; from: 'x' | 'y'; message: string }[];
  wrongShares: { name: string; code: string; message: string }[];
  wrongConfirmations: { x: string; y: string };
  packets: {
    key: string;
    session: string;
    self: string;
    peer: string;
    valid: { name: string; seqno: number; packet: string; payload: string }[];
    invalid: { name: string; code: string; sender: string; seqno: number; packet: string }[];
  };
  frames: { name: string; frame: { is: string; seqid?: number; method?: string }; bytes: string }[];
  invalidFrames: { name: string; code: string; bytes: string }[];
  links: {
    relay: string;
    shownBy: { side: string; account?: string };
    secret: { suite: string; words?: string; bytes?: string };
    payload: string;
    url: string;
  }[];
  invalidLinks: { name: string; code: string; payload: string }[];
}
const page = readPage('provisioning') as Page;
const { packets } = page;
const key = fromHex(packets.key) as Uint8Array as BoxKey;
const session = fromHex(packets.session) as Uint8Array as SessionId;
const peer = parseDeviceId(fromHex(packets.peer));
const receiver = () =>
  new PacketReceiver({
    id: session,
    rendezvous: parseRendezvousId(session),
    self: parseDeviceId(fromHex(packets.self)),
    peer,
    writeKey: key,
    readKey: key,
    firstSeqno: 1,
    passedOver: new Set(),
  });
/** HMAC-SHA256 and HKDF-SHA256 of the platform. */
async function hmac(secret: Uint8Array<ArrayBuffer>, message: Uint8Array<ArrayBuffer>): Promise<string> {
  const imported = await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return toHex(new Uint8Array(await crypto.subtle.sign('HMAC', imported, message)));
}
async function hkdf(secret: Uint8Array<ArrayBuffer>, info: string): Promise<string> {
  const imported = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits']);
  const params = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info: ascii(info) };
  return toHex(new Uint8Array(await crypto.subtle.deriveBits(params, imported, 256)));
}
const leb = (bytes: Uint8Array) => concat(Uint8Array.of(bytes.length), bytes);

beforeAll(async () => {
  await sodium.ready;
});

describe('vectors/provisioning.json', () => {
  it.each(page.suites)('names the session of "$words"', async ({ stretched, session: id }) => {
    expect(toHex(kex2SessionId(fromHex(stretched)))).toBe(id);
    expect(await hmac(fromHex(stretched), ascii('kex2-session-identifier'))).toBe(id);
  });

  it('asks scrypt for the cost of the suite, and uses a secret once', async () => {
    for (const { suite, words, account, cost, stretched, session: id } of page.suites) {
      const asked: unknown[] = [];
      const once = new OneUse({ suite, words });
      const scrypt = (...args: readonly unknown[]) => (asked.push(...args.slice(1)), fromHex(stretched));
      const named = account === null ? null : parseAccountId(fromHex(account));
      const made = await kex2Session(once, named, peer, scrypt);
      expect(asked).toEqual([suite === 'kex2-v2' ? named : new Uint8Array(0), cost, 32]);
      expect([toHex(made.id), toHex(made.rendezvous), toHex(made.writeKey), toHex(made.readKey)]).toEqual([
        id,
        id,
        stretched,
        stretched,
      ]);
      await expect(kex2Session(once, named, peer, scrypt)).rejects.toMatchObject({ code: 'secret-used' });
    }
    const salted = { suite: 'kex2-v2', words: 'nine' } as const;
    await expect(stretchWords(salted, null, () => fromHex(''))).rejects.toMatchObject({ code: 'account-needed' });
  });

  it.each(page.typed)('reads "$text"', ({ text, ...secret }) => {
    expect(parseTyped(text)).toEqual(secret);
  });

  it.each(page.invalidTyped)('refuses "$text"', ({ text, code }) => {
    expect(() => parseTyped(text)).toThrow(WordsError);
    expect(() => parseTyped(text)).toThrow(expect.objectContaining({ code }));
  });

  it.each(page.kex3)('confirms by $how', async ({ how, ...hex }) => {
    const rendezvous = parseRendezvousId(fromHex(hex.rendezvous));
    const secret: Kex3Secret =
      how === 'words'
        ? { how, words: new TextDecoder().decode(fromHex(hex.secret)) }
        : { how, bytes: fromHex(hex.secret) };
    if (how === 'code') expect(codeRendezvous(fromHex(hex.secret))).toEqual(rendezvous);
    const [x, y] = [parseShare(fromHex(hex.messageX), 'x')!, parseShare(fromHex(hex.messageY), 'y')!];
    const sideX = new CpaceSide(cpaceInputs(secret, rendezvous), () => fromHex(hex.randomX));
    const sideY = new CpaceSide(cpaceInputs(secret, rendezvous), () => fromHex(hex.randomY));
    expect([toHex(encodeShare(x.message)), toHex(encodeShare(y.message))]).toEqual([hex.messageX, hex.messageY]);
    expect([sideX.share, sideY.share]).toEqual([x.message.share, y.message.share]);
    expect([toHex(sideX.agree(sideY.share)), toHex(sideY.agree(sideX.share))]).toEqual([hex.agreed, hex.agreed]);

    const keys = kex3Keys(rendezvous, fromHex(hex.agreed), x.message, y.message);
    const made = [keys.confirm.x, keys.confirm.y, keys.packet.x, keys.packet.y, keys.session].map(toHex);
    expect(made).toEqual([hex.confirmKeyX, hex.confirmKeyY, hex.keyX, hex.keyY, hex.session]);
    const parts = [ascii('CPaceRistretto255_ISK'), rendezvous, fromHex(hex.agreed)];
    const transcript = [x.message.share, x.message.associatedData, y.message.share, y.message.associatedData];
    const hashed = await crypto.subtle.digest('SHA-512', concat(...[...parts, ...transcript].map(leb)));
    const labels = ['confirm-x', 'confirm-y', 'key-x', 'key-y', 'session'].map((label) => `palmkey/kex3-${label}/1`);
    expect(await Promise.all(labels.map((label) => hkdf(new Uint8Array(hashed), label)))).toEqual(made);

    const [adX, adY] = [fromHex(hex.messageX).slice(33), fromHex(hex.messageY).slice(33)];
    expect([toHex(confirmationOf(keys, 'x', y.message)), toHex(confirmationOf(keys, 'y', x.message))]).toEqual([
      hex.confirmationX,
      hex.confirmationY,
    ]);
    expect([await hmac(fromHex(hex.confirmKeyX), adY), await hmac(fromHex(hex.confirmKeyY), adX)]).toEqual([
      hex.confirmationX,
      hex.confirmationY,
    ]);
  });

  it.each(page.kex3)('reads the messages by $how whole, and of no other side', ({ messageX, messageY }) => {
    for (const [hex, side, otherSide] of [
      [messageX, 'x', 'y'],
      [messageY, 'y', 'x'],
    ] as const) {
      const bytes = fromHex(hex);
      for (let length = 0; length < bytes.length; length++)
        expect(parseShare(bytes.subarray(0, length), side)).toBeNull();
      expect(parseShare(concat(bytes, Uint8Array.of(0)), side)).toBeNull();
      expect(parseShare(bytes, otherSide)).toBeNull();
    }
  });

  it.each(page.invalidShares)('passes over a share that is $name', ({ from, message }) => {
    expect(parseShare(fromHex(message), from)).toBeNull();
  });

  it.each(page.wrongShares)('agrees on nothing with a share that is $name', ({ message }) => {
    const [{ secret, rendezvous, randomX }] = page.kex3 as [(typeof page.kex3)[number]];
    const words = new TextDecoder().decode(fromHex(secret));
    const inputs = cpaceInputs({ how: 'words', words }, parseRendezvousId(fromHex(rendezvous)));
    const read = parseShare(fromHex(message), 'y');
    const side = new CpaceSide(inputs, () => fromHex(randomX));
    expect(() => side.agree(read!.message.share)).toThrow(expect.objectContaining({ name: 'ShareError' }));
  });

  it('confirms nothing of who entered another word', () => {
    const [{ confirmationX, confirmationY }] = page.kex3 as [(typeof page.kex3)[number]];
    expect(page.wrongConfirmations.x).toMatch(/^[0-9a-f]{64}$/);
    expect([page.wrongConfirmations.x, page.wrongConfirmations.y]).not.toContain(confirmationX);
    expect([page.wrongConfirmations.x, page.wrongConfirmations.y]).not.toContain(confirmationY);
  });

  it.each(packets.valid)('takes $name', ({ seqno, packet, payload }) => {
    const message = fromHex(packet);
    const at = receiver();
    expect(toHex(at.receive({ sender: parseRendezvousSender(peer.slice()), seqno, message }))).toBe(payload);
    expect(at.next).toBe(seqno + 1);
    const nonce = message.slice(1 + 18 + 34 + 1 + 2, 1 + 18 + 34 + 1 + 2 + 24);
    expect(toHex(sealPacket(key, { sender: peer, session, seqno }, nonce, fromHex(payload)))).toBe(packet);
    // The tail of inner and outer is their longest element, so that libsodium finds the payload at the end.
    const opened = sodium.crypto_secretbox_open_easy(message.slice(message.length - boxBytes(payload)), nonce, key);
    expect(toHex(opened).endsWith(payload)).toBe(true);
  });

  it.each(packets.invalid)('refuses a packet with $name: $code', ({ code, sender, seqno, packet }) => {
    const at = receiver();
    const routed = { sender: parseRendezvousSender(fromHex(sender)), seqno, message: fromHex(packet) };
    expect(() => at.receive(routed)).toThrow(expect.objectContaining({ name: 'KexError', code }));
    expect(at.next).toBe(1);
  });

  it('refuses a packet that is cut at any place', () => {
    const bytes = fromHex(packets.valid[0]!.packet);
    for (let length = 0; length < bytes.length; length++) {
      const routed = { sender: parseRendezvousSender(peer.slice()), seqno: 1, message: bytes.subarray(0, length) };
      expect(() => receiver().receive(routed)).toThrow(expect.objectContaining({ code: 'bad-packet' }));
    }
  });

  it.each(page.frames)('reads the frame of $name', ({ frame: { is, seqid, method }, bytes }) => {
    const reader = new FrameReader();
    const [read, ...more] = reader.push(fromHex(bytes));
    expect([more, reader.isBetween]).toEqual([[], true]);
    expect(read).toMatchObject({
      is,
      ...(seqid === undefined ? {} : { seqid }),
      ...(method === undefined ? {} : { method }),
    });
    expect(toHex(encodeFrame(read!))).toBe(bytes);
  });

  it.each(page.invalidFrames)('refuses a frame with $name', ({ code, bytes }) => {
    expect(() => new FrameReader().push(fromHex(bytes))).toThrow(expect.objectContaining({ name: 'KexError', code }));
  });

  it.each(page.links)('reads the link $url', ({ relay, shownBy, secret, payload, url }) => {
    const link = parseJoinLink(fromHex(payload));
    expect(
      JSON.parse(JSON.stringify(link, (_, value: unknown) => (value instanceof Uint8Array ? toHex(value) : value))),
    ).toEqual({ relay, shownBy, secret });
    expect(toHex(encodeJoinLink(link))).toBe(payload);
    expect(joinUrl('https://app.example.org/', link)).toBe(url);
    expect(parseJoinUrl(`\n${url} `)).toEqual(link);
    const bytes = fromHex(payload);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => parseJoinLink(bytes.subarray(0, length))).toThrow(expect.objectContaining({ code: 'bad-link' }));
    }
  });

  it.each(page.invalidLinks)('refuses a link with $name', ({ payload, code }) => {
    expect(() => parseJoinLink(fromHex(payload))).toThrow(expect.objectContaining({ name: 'JoinLinkError', code }));
  });

  it.each([
    '',
    'join',
    '#AQ',
    'https://app/join#',
    'https://app/pair#AQ',
    'https://app/join#A',
    'https://app/join#AQ==',
    'ftp://app/join#AQ',
    `https://app/join#${'A'.repeat(3_000)}`,
  ])('refuses the text "%s"', (text) => {
    expect(() => parseJoinUrl(text)).toThrow(expect.objectContaining({ code: 'bad-link' }));
  });

  it('refuses to show what nobody could read', () => {
    const [link] = page.links.map(({ payload }) => parseJoinLink(fromHex(payload)));
    for (const wrong of [
      { ...link!, relay: 'https://relay/path' },
      { ...link!, secret: { suite: 'kex3', bytes: new Uint8Array(31) } as const },
      { ...link!, secret: { suite: 'kex2-v1', words: 'zoo zone zero' } as const },
      {
        ...link!,
        shownBy: { side: 'y' } as const,
        secret: { suite: 'kex2-v2', words: page.suites[2]!.words } as const,
      },
    ]) {
      expect(() => encodeJoinLink(wrong)).toThrow(expect.objectContaining({ code: 'bad-link' }));
    }
  });
});

/** Of a packet with that payload, in hex: tag, array, sender, session, seqno, and the payload behind its length. */
function boxBytes(payload: string): number {
  const length = payload.length / 2;
  return 16 + 1 + 18 + 34 + 1 + (length < 256 ? 2 : 3) + length;
}
