/** What a new device and a member read of each other, of a person and of a QR code, before either trusts the other. */
import type { BoxKey } from '@palmkey/core/crypto';
import {
  encodeFrame,
  encodeJoinLink,
  FrameReader,
  type JoinLink,
  JoinLinkError,
  joinUrl,
  KexError,
  PacketReceiver,
  parseJoinLink,
  parseJoinUrl,
  parseTyped,
  sealPacket,
  type SessionId,
  WordsError,
} from '@palmkey/core/provisioning';
import {
  concat,
  parseAccountId,
  parseDeviceId,
  parseRendezvousId,
  parseRendezvousSender,
  toBase64Url,
} from '@palmkey/envelope';
import { encodeShare, parseShare, type Side } from '../../../packages/core/src/provisioning/kex3-keys.ts';
import { fixedBytes } from '../keys.ts';
import { fromUtf8, ofText, type Target, utf8 } from '../target.ts';

const sixteen = (seed: string) => fixedBytes(seed).slice(0, 16);
const eight = 'abandon ability able about above absent absorb abstract';
const relay = 'https://relay.example.org';
const shownByX = { side: 'x', account: parseAccountId(sixteen('account')) } as const;
const links: readonly JoinLink[] = [
  { relay, shownBy: shownByX, secret: { suite: 'kex3', bytes: fixedBytes('code') } },
  { relay: 'http://[::1]:1', shownBy: { side: 'y' }, secret: { suite: 'kex3', bytes: fixedBytes('code') } },
  { relay, shownBy: { side: 'y' }, secret: { suite: 'kex2-v1', words: eight } },
  { relay, shownBy: shownByX, secret: { suite: 'kex2-v1', words: `${eight} four` } },
  { relay, shownBy: shownByX, secret: { suite: 'kex2-v2', words: `${eight} absurd` } },
];

const key = fixedBytes('packet key') as Uint8Array as BoxKey;
const session = fixedBytes('session') as Uint8Array as SessionId;
const [self, peer] = [parseDeviceId(sixteen('self')), parseDeviceId(sixteen('peer'))];
const packets = ['', 'hello', 'x'.repeat(300)].map((text, i) =>
  sealPacket(key, { sender: peer, session, seqno: 1 }, fixedBytes(`nonce ${i}`).slice(0, 24), utf8(text)),
);

/** The one packet that comes first. */
function receive(message: Uint8Array): Uint8Array {
  const receiver = new PacketReceiver({
    id: session,
    rendezvous: parseRendezvousId(session),
    self,
    peer,
    writeKey: key,
    readKey: key,
    firstSeqno: 1,
    passedOver: new Set(),
  });
  return receiver.receive({ sender: parseRendezvousSender(peer), seqno: 1, message });
}

function share(side: Side): Target {
  const device = sixteen(side);
  const associatedData =
    side === 'x' ? concat(Uint8Array.of(1), device, sixteen('account')) : concat(Uint8Array.of(2), device);
  return {
    name: `kex3-share-${side}`,
    kind: 'codec',
    seeds: [encodeShare({ share: fixedBytes('share'), associatedData })],
    refusals: [],
    parse: (bytes) => {
      const parsed = parseShare(bytes, side);
      return parsed && encodeShare(parsed.message);
    },
  };
}

export const provisioningTargets: readonly Target[] = [
  {
    name: 'join-link',
    kind: 'codec',
    seeds: links.map(encodeJoinLink),
    refusals: [JoinLinkError],
    parse: (bytes) => encodeJoinLink(parseJoinLink(bytes)),
  },
  {
    name: 'join-url',
    kind: 'codec',
    seeds: links.map((link) => utf8(joinUrl('https://app.example.org', link))),
    refusals: [JoinLinkError],
    parse: ofText((text) => text.replace(/#\S*/, `#${toBase64Url(encodeJoinLink(parseJoinUrl(text)))}`)),
  },
  {
    name: 'typed-secret',
    kind: 'lenient',
    share: 0.1,
    seeds: ['42 zoo zone zero', eight.toUpperCase(), `${eight}  four`, `${eight}\nabsurd`].map(utf8),
    refusals: [WordsError],
    parse: (bytes) => {
      const secret = parseTyped(fromUtf8(bytes));
      return utf8(secret.suite === 'kex3' ? `${secret.number} ${secret.words}` : secret.words);
    },
  },
  share('x'),
  share('y'),
  { name: 'kex-packet', kind: 'authenticated', seeds: packets, refusals: [KexError], parse: receive },
  {
    name: 'rpc-frames',
    kind: 'codec',
    seeds: [
      encodeFrame({ is: 'notify', method: 'palmkey.kex.start', arg: {} }),
      encodeFrame({ is: 'call', seqid: 0, method: 'palmkey.kex.hello2', arg: { a: [1, null, new Uint8Array(9)] } }),
      concat(
        encodeFrame({ is: 'answer', seqid: 300, failure: { code: 'refused', message: 'no' }, result: null }),
        encodeFrame({ is: 'answer', seqid: 0, failure: null, result: 'x'.repeat(200) }),
        encodeFrame({ is: 'cancel', seqid: 70_000, method: 'm' }),
      ),
    ],
    refusals: [KexError],
    parse: (bytes) => {
      const reader = new FrameReader();
      const frames = reader.push(bytes);
      return reader.isBetween ? concat(...frames.map(encodeFrame)) : null;
    },
  },
];
