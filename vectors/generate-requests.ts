/** Vectors for spec/requests.md: `requests.json`. */
import { encodeCanonical } from '@palmkey/core/crypto';
import { parseDeviceName } from '@palmkey/core/devices';
import { type Content, encodeContent } from '@palmkey/core/messages';
import { encodeRequest, parseRequestHash, parseRequestId, type Request, requestHash } from '@palmkey/core/requests';
import { fixedBytes, fixedDevice } from '../packages/core/src/testing/fixed-keys.ts';
import { writePage } from './page.ts';

const bytes = (length: number) => new Uint8Array(length).fill(9);
const issued = 1_800_000_000_000;
const ping = {
  kind: 'ping',
  id: parseRequestId(fixedBytes('request id').slice(0, 16)),
  issued,
  expires: issued + 60_000,
} as const;
const bind = { hostKey: bytes(51), sessionId: bytes(32), signature: bytes(83), forwarding: false };
const login = {
  ...ping,
  kind: 'ssh-sign',
  key: bytes(51),
  data: bytes(130),
  binds: [{ ...bind, forwarding: true }, bind],
  host: { name: 'prod.example.org', port: 22 },
  origin: { sure: 'claimed', programs: ['zsh', 'ssh'], terminal: '/dev/pts/3' },
} as const;
const valid: readonly (readonly [string, Request])[] = [
  ['a ping', ping],
  ['a ping for ten minutes', { ...ping, expires: issued + 600_000 }],
  ['a login', login],
  ['a login of which nothing is known', { ...login, binds: [], host: null, origin: { sure: 'none' } }],
  ['a login without a terminal', { ...login, origin: { ...login.origin, terminal: null } }],
  ['a login of 16 KiB', { ...login, data: bytes(16 * 1024) }],
  ['a login with 16 binds', { ...login, binds: new Array<typeof bind>(16).fill(bind) }],
];
const invalid: readonly (readonly [string, unknown])[] = [
  ['an unknown kind', { ...ping, kind: 'shell' }],
  ['a key too many', { ...ping, extra: 1 }],
  ['a key too few', { kind: 'ping', id: ping.id, issued }],
  ['an id of 15 bytes', { ...ping, id: ping.id.subarray(1) }],
  ['an end before the beginning', { ...ping, expires: issued - 1 }],
  ['more than ten minutes', { ...ping, expires: issued + 600_001 }],
  ['a time below zero', { ...ping, issued: -1 }],
  ['no key', { ...login, key: bytes(0) }],
  ['no data', { ...login, data: bytes(0) }],
  ['data of 16 KiB and a byte', { ...login, data: bytes(16 * 1024 + 1) }],
  ['17 binds', { ...login, binds: new Array(17).fill(bind) }],
  ['a session id of 129 bytes', { ...login, binds: [{ ...bind, sessionId: bytes(129) }] }],
  ['a bind with a key too many', { ...login, binds: [{ ...bind, extra: 1 }] }],
  ['port 0', { ...login, host: { name: 'a', port: 0 } }],
  ['port 65,536', { ...login, host: { name: 'a', port: 65_536 } }],
  ['a host name that reorders the screen', { ...login, host: { name: 'a\u202eb', port: 22 } }],
  ['a program with an escape', { ...login, origin: { ...login.origin, programs: ['\u001b[2J'] } }],
  ['33 programs', { ...login, origin: { ...login.origin, programs: new Array(33).fill('a') } }],
  ['programs that nobody claims', { ...login, origin: { sure: 'none', programs: [] } }],
  ['text for bytes', { ...login, data: 'text' }],
];

const phone = await fixedDevice('phone');
const hash = parseRequestHash(requestHash(encodeRequest(ping)));
const name = parseDeviceName('Pixel 9');
const contents: readonly Content[] = [
  { kind: 'here', name, software: 'palmkey 0.1.0', keys: [{ blob: bytes(51), comment: 'servers' }] },
  { kind: 'here', name: parseDeviceName('laptop'), software: 'palmkey 0.1.0', keys: null },
  { kind: 'ask', request: encodeRequest(ping) },
  { kind: 'received', hash },
  { kind: 'decision', hash, answer: { is: 'approve', signature: bytes(83) } },
  { kind: 'decision', hash, answer: { is: 'approve', signature: bytes(0) } },
  { kind: 'decision', hash, answer: { is: 'reject' } },
  { kind: 'decision', hash, answer: { is: 'refuse', code: 'unparsable', skew: null } },
  { kind: 'decision', hash, answer: { is: 'refuse', code: 'clock-skew', skew: -3_600_000 } },
  { kind: 'settled', hash, outcome: 'approved', by: phone.id },
  { kind: 'settled', hash, outcome: 'withdrawn', by: null },
  { kind: 'unpair' },
];
const invalidContents: readonly (readonly [string, unknown])[] = [
  ['an unknown kind', { kind: 'shell' }],
  ['a key too many', { kind: 'unpair', extra: 1 }],
  ['a hash of 31 bytes', { kind: 'received', hash: bytes(31) }],
  ['an unknown answer', { kind: 'decision', hash, answer: { is: 'maybe' } }],
  ['an unknown refusal', { kind: 'decision', hash, answer: { is: 'refuse', code: 'bored', skew: null } }],
  ['a skew without clock-skew', { kind: 'decision', hash, answer: { is: 'refuse', code: 'busy', skew: 1 } }],
  ['clock-skew without a skew', { kind: 'decision', hash, answer: { is: 'refuse', code: 'clock-skew', skew: null } }],
  ['a signature of 4,097 bytes', { kind: 'decision', hash, answer: { is: 'approve', signature: bytes(4097) } }],
  ['an unknown outcome', { kind: 'settled', hash, outcome: 'forgotten', by: null }],
  ['a name with a line feed', { kind: 'here', name: 'a\nb', software: '1', keys: null }],
  ['65 keys', { kind: 'here', name, software: '1', keys: new Array(65).fill({ blob: bytes(1), comment: '' }) }],
  ['a request of no bytes', { kind: 'ask', request: bytes(0) }],
];

writePage('requests', {
  requests: valid.map(([title, request]) => {
    const encoded = encodeRequest(request);
    return { name: title, value: request, bytes: encoded, hash: requestHash(encoded) };
  }),
  invalidRequests: invalid.map(([title, value]) => ({
    name: title,
    bytes: encodeCanonical(value),
    code: 'bad-format',
  })),
  contents: contents.map((content) => ({ value: content, bytes: encodeContent(content) })),
  invalidContents: invalidContents.map(([title, value]) => ({
    name: title,
    bytes: encodeCanonical(value),
    code: 'bad-format',
  })),
});
