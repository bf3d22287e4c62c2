/** Vectors for spec/requests.md: `requests.json`. */
import { encodeCanonical } from '@palmkey/core/crypto';
import { parseDeviceName } from '@palmkey/core/devices';
import { type Content, encodeContent } from '@palmkey/core/messages';
import { encodeRequest, parseRequestHash, parseRequestId, type Request, requestHash } from '@palmkey/core/requests';
import { parseAccountId, parseDeviceId, parseSignature } from '@palmkey/envelope';
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
const inDirectory = { ...login.origin, directory: '/home/ada/site' } as const;
const repository = { directory: '/home/ada/site', remote: 'git@github.com:ada/site.git' };
const text = new TextEncoder().encode('tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n');
const commit = {
  ...ping,
  kind: 'git-sign',
  key: bytes(51),
  object: { is: 'whole', bytes: text },
  repository,
  origin: inDirectory,
} as const;
const parts = { is: 'parts', size: 5 * 1024 * 1024, sha256: bytes(32) } as const;
const file = { ...ping, kind: 'file-sign', key: bytes(51), data: bytes(120), origin: inDirectory } as const;
const valid: readonly (readonly [string, Request])[] = [
  ['a ping', ping],
  ['a ping for ten minutes', { ...ping, expires: issued + 600_000 }],
  ['a login', login],
  ['a login of which nothing is known', { ...login, binds: [], host: null, origin: { sure: 'none' } }],
  ['a login without a terminal', { ...login, origin: { ...login.origin, terminal: null } }],
  ['a login of 16 KiB', { ...login, data: bytes(16 * 1024) }],
  ['a login with 16 binds', { ...login, binds: new Array<typeof bind>(16).fill(bind) }],
  ['a login from a directory', { ...login, origin: inDirectory }],
  ['a commit', commit],
  ['a commit of no known repository', { ...commit, repository: null, origin: { sure: 'none' } }],
  ['a commit without a remote', { ...commit, repository: { ...repository, remote: null } }],
  ['a text of 48 KiB', { ...commit, object: { is: 'whole', bytes: bytes(48 * 1024) } }],
  ['a text in parts', { ...commit, object: parts }],
  ['a text of 48 KiB and a byte in parts', { ...commit, object: { ...parts, size: 48 * 1024 + 1 } }],
  ['a text of 8 MiB', { ...commit, object: { ...parts, size: 8 * 1024 * 1024 } }],
  ['a file', file],
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
  ['a directory that moves the cursor', { ...login, origin: { ...inDirectory, directory: '/\u001b[2J' } }],
  ['a directory of 1,025 characters', { ...login, origin: { ...inDirectory, directory: 'x'.repeat(1025) } }],
  ['a commit of no bytes', { ...commit, object: { is: 'whole', bytes: bytes(0) } }],
  ['a whole text of 48 KiB and a byte', { ...commit, object: { is: 'whole', bytes: bytes(48 * 1024 + 1) } }],
  ['parts of a text that would fit', { ...commit, object: { ...parts, size: 48 * 1024 } }],
  ['a text of 8 MiB and a byte', { ...commit, object: { ...parts, size: 8 * 1024 * 1024 + 1 } }],
  ['parts with a hash of 31 bytes', { ...commit, object: { ...parts, sha256: bytes(31) } }],
  ['a text both whole and in parts', { ...commit, object: { ...parts, bytes: text } }],
  ['a repository of no name', { ...commit, repository: { ...repository, directory: '' } }],
  ['a commit with binds', { ...commit, binds: [] }],
  ['a file of no data', { ...file, data: bytes(0) }],
  ['a file of 16 KiB and a byte', { ...file, data: bytes(16 * 1024 + 1) }],
];

const phone = await fixedDevice('phone');
const hash = parseRequestHash(requestHash(encodeRequest(ping)));
const name = parseDeviceName('Pixel 9');
const account = parseAccountId(fixedBytes('account id').slice(0, 16));
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
  { kind: 'decision', hash, answer: { is: 'approve', signature: bytes(83), until: issued + 3_600_000 } },
  { kind: 'decision', hash, answer: { is: 'pass' } },
  { kind: 'decision', hash, answer: { is: 'refuse', code: 'too-many', skew: null } },
  { kind: 'decision', hash, answer: { is: 'refuse', code: 'muted', skew: null } },
  { kind: 'settled', hash, outcome: 'approved', by: phone.id },
  { kind: 'settled', hash, outcome: 'passed', by: phone.id },
  { kind: 'settled', hash, outcome: 'withdrawn', by: null },
  { kind: 'speaks', from: 1, to: 2 },
  { kind: 'speaks', from: 1, to: 3 },
  { kind: 'speaks', from: 2, to: 9, alsoSaid: 'by a later version' },
  { kind: 'want', hash, from: 0 },
  { kind: 'part', hash, from: 48 * 1024, bytes: bytes(48 * 1024) },
  { kind: 'preview', hash, of: { what: 'login', user: 'ada', server: { name: 'prod.example.org', port: 22 } } },
  { kind: 'preview', hash, of: { what: 'login', user: '', server: null } },
  { kind: 'preview', hash, of: { what: 'commit', subject: 'site: sort', repository: '/home/ada/site' } },
  {
    kind: 'preview',
    hash,
    of: { what: 'commit', subject: '\u{1f511}'.repeat(256), repository: '\u{1f511}'.repeat(128) },
  },
  { kind: 'preview', hash, of: { what: 'tag', subject: 'v1.0', repository: null } },
  { kind: 'preview', hash, of: { what: 'file', namespace: 'file' } },
  { kind: 'unpair' },
  { kind: 'speaks', from: 1, to: 4 },
  { kind: 'enlist', account, link: bytes(4096) },
  { kind: 'consent', link: bytes(32), reverseSig: parseSignature(bytes(64)) },
  { kind: 'consent', link: bytes(32), reverseSig: null },
  { kind: 'speaks', from: 1, to: 5 },
  { kind: 'speaks', from: 1, to: 5, answer: true },
  { kind: 'moved', notice: bytes(1) },
  { kind: 'moved', notice: bytes(512) },
  { kind: 'facts', devices: [{ facts: bytes(30), id: parseDeviceId(bytes(16)), salt: bytes(32) }] },
];
const tag = { what: 'tag', subject: 'v1.0', repository: null };
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
  ['a reject with a reason', { kind: 'decision', hash, answer: { is: 'reject', why: 'no' } }],
  ['an end that is no time', { kind: 'decision', hash, answer: { is: 'approve', signature: bytes(83), until: null } }],
  ['version 0', { kind: 'speaks', from: 0, to: 1 }],
  ['a version that is text', { kind: 'speaks', from: 1, to: '2' }],
  ['an answer that is a number', { kind: 'speaks', from: 1, to: 5, answer: 1 }],
  ['a want beyond the longest text', { kind: 'want', hash, from: 8 * 1024 * 1024 }],
  ['a part of no bytes', { kind: 'part', hash, from: 0, bytes: bytes(0) }],
  ['a part of 48 KiB and a byte', { kind: 'part', hash, from: 0, bytes: bytes(48 * 1024 + 1) }],
  ['a preview of something unknown', { kind: 'preview', hash, of: { what: 'shell' } }],
  ['a preview of a subject of 257 characters', { kind: 'preview', hash, of: { ...tag, subject: 'x'.repeat(257) } }],
  ['a preview with a line feed', { kind: 'preview', hash, of: { ...tag, subject: 'a\nb' } }],
  ['a preview with a key too many', { kind: 'preview', hash, of: { ...tag, user: 'ada' } }],
  ['a preview without a hash', { kind: 'preview', of: tag }],
  ['a request of no bytes', { kind: 'ask', request: bytes(0) }],
  ['an account of 15 bytes', { kind: 'enlist', account: bytes(15), link: bytes(1) }],
  ['a link of no bytes', { kind: 'enlist', account, link: bytes(0) }],
  ['a link of 4,097 bytes', { kind: 'enlist', account, link: bytes(4097) }],
  ['a consent to a hash of 31 bytes', { kind: 'consent', link: bytes(31), reverseSig: null }],
  ['a consent of 63 bytes', { kind: 'consent', link: bytes(32), reverseSig: bytes(63) }],
  ['facts of no device', { kind: 'facts', devices: [] }],
  ['facts with a salt of 31 bytes', { kind: 'facts', devices: [{ facts: bytes(30), id: bytes(16), salt: bytes(31) }] }],
  ['a consent without a word', { kind: 'consent', link: bytes(32) }],
  ['a notice of no bytes', { kind: 'moved', notice: bytes(0) }],
  ['a notice of 513 bytes', { kind: 'moved', notice: bytes(513) }],
  ['a notice with an address beside it', { kind: 'moved', notice: bytes(200), relay: 'https://relay.example.org' }],
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
