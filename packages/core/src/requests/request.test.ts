import { ascii, concat } from '@palmkey/envelope';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeCanonical, FormatError, sha256 } from '../crypto/index.ts';
import { fixedBytes } from '../testing/fixed-keys.ts';
import { MAX_PUBLIC_KEY_BYTES, MAX_SESSION_ID_BYTES, MAX_SIGNATURE_BYTES } from '../ssh/index.ts';
import {
  encodeRequest,
  type FileSignRequest,
  type GitSignRequest,
  MAX_OBJECT_BYTES,
  MAX_REQUEST_BYTES,
  MAX_REQUEST_LIFETIME_MS,
  MAX_SSH_DATA_BYTES,
  MAX_WHOLE_OBJECT_BYTES,
  parseRequest,
  parseRequestHash,
  parseRequestId,
  type PingRequest,
  requestHash,
  type SshSignRequest,
} from './request.ts';

const bytes = (length: number) => new Uint8Array(length).fill(9);
const id = parseRequestId(fixedBytes('id').slice(0, 16));
const ping: PingRequest = { kind: 'ping', id, issued: 1_800_000_000_000, expires: 1_800_000_060_000 };
const bind = { hostKey: bytes(51), sessionId: bytes(32), signature: bytes(83), forwarding: false };
const login: SshSignRequest = {
  ...ping,
  kind: 'ssh-sign',
  key: bytes(51),
  data: bytes(200),
  binds: [bind],
  host: { name: 'prod', port: 22 },
  origin: { sure: 'claimed', programs: ['sh', 'ssh'], terminal: '/dev/pts/0' },
};

const commit: GitSignRequest = {
  ...ping,
  kind: 'git-sign',
  key: bytes(51),
  object: { is: 'whole', bytes: bytes(300) },
  repository: { directory: '/src/site', remote: 'git@example.org:site.git' },
  origin: { sure: 'claimed', programs: ['git'], terminal: null, directory: '/src/site' },
};
const parts = (size: number) => ({ is: 'parts', size, sha256: bytes(32) }) as const;
const file: FileSignRequest = { ...ping, kind: 'file-sign', key: bytes(51), data: bytes(99), origin: { sure: 'none' } };

describe('parseRequest', () => {
  it('gives back what was encoded', () => {
    expect(parseRequest(encodeRequest(ping))).toEqual(ping);
    expect(parseRequest(encodeRequest(login))).toEqual(login);
    expect(parseRequest(encodeRequest(commit))).toEqual(commit);
    expect(parseRequest(encodeRequest({ ...commit, object: parts(MAX_OBJECT_BYTES) }))).toMatchObject({
      kind: 'git-sign',
    });
    expect(parseRequest(encodeRequest(file))).toEqual(file);
    const bare: SshSignRequest = { ...login, binds: [], host: null, origin: { sure: 'none' } };
    expect(parseRequest(encodeRequest(bare))).toEqual(bare);
  });

  it('refuses every truncation', () => {
    for (const encoded of [login, commit, file].map(encodeRequest)) {
      for (let length = 0; length < encoded.length; length++) {
        expect(() => parseRequest(encoded.subarray(0, length))).toThrow(FormatError);
      }
    }
  });

  it('takes each limit and refuses one more', () => {
    const cases: readonly [string, (over: 0 | 1) => unknown][] = [
      ['lifetime', (over) => ({ ...login, expires: login.issued + MAX_REQUEST_LIFETIME_MS + over })],
      ['data', (over) => ({ ...login, data: bytes(MAX_SSH_DATA_BYTES + over) })],
      ['key', (over) => ({ ...login, key: bytes(MAX_PUBLIC_KEY_BYTES + over) })],
      ['binds', (over) => ({ ...login, binds: new Array(16 + over).fill(bind) })],
      ['host key', (over) => ({ ...login, binds: [{ ...bind, hostKey: bytes(MAX_PUBLIC_KEY_BYTES + over) }] })],
      ['session id', (over) => ({ ...login, binds: [{ ...bind, sessionId: bytes(MAX_SESSION_ID_BYTES + over) }] })],
      ['signature', (over) => ({ ...login, binds: [{ ...bind, signature: bytes(MAX_SIGNATURE_BYTES + over) }] })],
      ['host name', (over) => ({ ...login, host: { name: 'x'.repeat(255 + over), port: 22 } })],
      ['directory', (over) => ({ ...login, origin: { ...commit.origin, directory: 'x'.repeat(1024 + over) } })],
      ['text', (over) => ({ ...commit, object: { is: 'whole', bytes: bytes(MAX_WHOLE_OBJECT_BYTES + over) } })],
      ['parts', (over) => ({ ...commit, object: parts(MAX_OBJECT_BYTES + over) })],
      ['fewest parts', (over) => ({ ...commit, object: parts(MAX_WHOLE_OBJECT_BYTES + 1 - over) })],
      ['remote', (over) => ({ ...commit, repository: { directory: '/', remote: 'x'.repeat(1024 + over) } })],
      ['file', (over) => ({ ...file, data: bytes(MAX_SSH_DATA_BYTES + over) })],
      ['port', (over) => ({ ...login, host: { name: 'x', port: 65_535 + over } })],
      [
        'program',
        (over) => ({ ...login, origin: { sure: 'claimed', programs: ['x'.repeat(256 + over)], terminal: null } }),
      ],
      [
        'programs',
        (over) => ({ ...login, origin: { sure: 'claimed', programs: new Array(32 + over).fill('x'), terminal: null } }),
      ],
      [
        'terminal',
        (over) => ({ ...login, origin: { sure: 'claimed', programs: [], terminal: 'x'.repeat(256 + over) } }),
      ],
    ];
    for (const [name, make] of cases) {
      expect(() => parseRequest(encodeCanonical(make(0))), name).not.toThrow();
      expect(() => parseRequest(encodeCanonical(make(1))), name).toThrow(FormatError);
    }
    expect(() => parseRequest(new Uint8Array(MAX_REQUEST_BYTES + 1))).toThrow('longer than allowed');
  });

  it.each([
    ['an unknown kind', { ...ping, kind: 'shell' }],
    ['a key too many', { ...ping, extra: 1 }],
    ['a key too few', { kind: 'ping', id, issued: 1 }],
    ['an id of 15 bytes', { ...ping, id: id.subarray(1) }],
    ['an end before the beginning', { ...ping, expires: ping.issued - 1 }],
    ['a time below zero', { ...ping, issued: -1 }],
    ['data of no bytes', { ...login, data: bytes(0) }],
    ['port 0', { ...login, host: { name: 'x', port: 0 } }],
    ['a host name that reorders the screen', { ...login, host: { name: 'a\u202Eb', port: 22 } }],
    ['a program with an escape', { ...login, origin: { sure: 'claimed', programs: ['\u001B[2J'], terminal: null } }],
    ['claims without being sure of any', { ...login, origin: { sure: 'none', programs: [] } }],
    ['text for bytes', { ...login, data: 'text' }],
  ])('refuses %s', (_, value) => {
    expect(() => parseRequest(encodeCanonical(value))).toThrow(FormatError);
  });
});

describe('encodeRequest', () => {
  it('refuses what no phone would take', () => {
    expect(() => encodeRequest({ ...login, data: bytes(MAX_SSH_DATA_BYTES + 1) })).toThrow(FormatError);
  });

  it('fits one frame with a login of every ordinary size', () => {
    const large = {
      ...login,
      data: bytes(1000),
      binds: new Array(16).fill({ ...bind, hostKey: bytes(1200), signature: bytes(800) }),
    };
    expect(encodeRequest(large as SshSignRequest).length).toBeLessThan(MAX_REQUEST_BYTES);
  });
});

describe('requestHash', () => {
  it('is SHA-256 over context and bytes', () => {
    const encoded = encodeRequest(ping);
    expect(requestHash(encoded)).toEqual(sha256(concat(ascii('palmkey/request/1'), encoded)));
  });

  it('changes with every byte of the request', () => {
    const encoded = encodeRequest(login);
    fc.assert(
      fc.property(fc.nat(encoded.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = encoded.slice();
        changed[at] = (changed[at] ?? 0) ^ flip;
        expect(requestHash(changed)).not.toEqual(requestHash(encoded));
      }),
    );
  });
});

describe('parseRequestId and parseRequestHash', () => {
  it('take their length alone', () => {
    expect(() => parseRequestId(bytes(15))).toThrow(FormatError);
    expect(() => parseRequestHash(bytes(33))).toThrow(FormatError);
    expect(parseRequestHash(bytes(32))).toHaveLength(32);
  });
});
