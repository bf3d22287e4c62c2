import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '@palmkey/envelope';
import { readPage } from '../../../../vectors/page.ts';
import type { SessionBind } from './index.ts';
import {
  authorizedKeysLine,
  checkBinds,
  encodeSshSignature,
  fingerprint,
  fromBase64,
  parseAuthorizedKey,
  parsePublicKey,
  parseSshSignature,
  parseUserauth,
  plainKeyBlob,
  SshFormatError,
  SshReader,
  SshWriter,
  toBase64,
  verifySessionBind,
  webHostKeyVerifier,
} from './index.ts';

interface HexBind {
  readonly hostKey: string;
  readonly sessionId: string;
  readonly signature: string;
  readonly forwarding: boolean;
}
interface Vectors {
  readonly userauth: Record<'valid' | 'invalid', { name: string; data: string }[]>;
  readonly publicKeys: Record<'valid' | 'invalid', { name: string; blob: string }[]>;
  readonly binds: Record<'valid' | 'invalid', ({ name: string } & HexBind)[]>;
  readonly chains: Record<'valid' | 'invalid', { name: string; fault?: string; data: string; binds: HexBind[] }[]>;
}
const vectors = readPage('ssh') as Vectors;
const toBind = (bind: HexBind): SessionBind => ({
  hostKey: fromHex(bind.hostKey),
  sessionId: fromHex(bind.sessionId),
  signature: fromHex(bind.signature),
  forwarding: bind.forwarding,
});

describe('parseUserauth', () => {
  test.each(vectors.userauth.valid)('reads $name, and writing it gives the same bytes', ({ data }) => {
    const login = parseUserauth(fromHex(data));
    const method = login.method === 'publickey' ? 'publickey' : 'publickey-hostbound-v00@openssh.com';
    const writer = new SshWriter().string(login.sessionId).byte(50).text(login.user).name('ssh-connection');
    writer.name(method).bool(true).name(login.algorithm).string(login.key);
    if (login.hostKey !== null) writer.string(login.hostKey);
    expect(toHex(writer.done())).toBe(data);
  });
  test.each(vectors.userauth.invalid)('refuses $name', ({ data }) => {
    expect(() => parseUserauth(fromHex(data))).toThrow(SshFormatError);
  });
  test('refuses every truncation and every single byte more', () => {
    for (const { data } of vectors.userauth.valid) {
      const bytes = fromHex(data);
      for (let end = 0; end < bytes.length; end++)
        expect(() => parseUserauth(bytes.slice(0, end))).toThrow(SshFormatError);
      expect(() => parseUserauth(fromHex(`${data}00`))).toThrow(SshFormatError);
    }
  });
  test('throws nothing else, whatever the bytes', () => {
    const seeds = vectors.userauth.valid.map(({ data }) => fromHex(data));
    const changed = fc.tuple(fc.constantFrom(...seeds), fc.nat(), fc.nat(255)).map(([seed, at, value]) => {
      const copy = seed.slice();
      copy[at % copy.length] = value;
      return copy;
    });
    fc.assert(
      fc.property(fc.oneof(changed, fc.uint8Array({ maxLength: 300 })), (bytes) => {
        try {
          parseUserauth(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(SshFormatError);
        }
      }),
    );
  });
});

describe('parsePublicKey', () => {
  test.each(vectors.publicKeys.valid)('reads $name, fingerprint and line there and back', ({ blob }) => {
    const bytes = fromHex(blob);
    const key = parsePublicKey(bytes);
    const plain = plainKeyBlob(key.key);
    expect(key.certificate ? parsePublicKey(plain).key : toHex(plain)).toEqual(key.certificate ? key.key : blob);
    expect(fingerprint(bytes)).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
    expect(parseAuthorizedKey(`  ${authorizedKeysLine(bytes, 'a b')}\n`)).toEqual({ blob: bytes, comment: 'a b' });
    for (let end = 0; end < bytes.length; end++)
      expect(() => parsePublicKey(bytes.slice(0, end))).toThrow(SshFormatError);
  });
  test.each(vectors.publicKeys.invalid)('refuses $name', ({ blob }) => {
    expect(() => parsePublicKey(fromHex(blob))).toThrow(SshFormatError);
  });
});

describe('authorized_keys lines', () => {
  const blob = fromHex(vectors.publicKeys.valid[0]!.blob);
  const line = authorizedKeysLine(blob, '');
  test('a comment cannot add a line', () => {
    expect(authorizedKeysLine(blob, 'a\nssh-rsa AAAA\u0000b\u2028')).toBe(`${line} a ssh-rsa AAAA b`);
  });
  test.each([
    '',
    'ssh-ed25519',
    `no-pty ${line}`,
    line.replace('ssh-ed25519', 'ssh-rsa'),
    `${line}=`,
    line.slice(0, -1),
    `${line} a\n${line}`,
  ])('refuses %j', (text) => {
    expect(() => parseAuthorizedKey(text)).toThrow(SshFormatError);
  });
  test('white space without end is refused in linear time', () => {
    const startedAt = performance.now();
    const blanks = ' '.repeat(64_000);
    expect(() => parseAuthorizedKey(`a${blanks}b${blanks}\nc`)).toThrow(SshFormatError);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });
});

describe('session-binds', () => {
  test.each(vectors.binds.valid)('verifies $name, and no other session', async (bind) => {
    const one = toBind(bind);
    expect(await verifySessionBind(webHostKeyVerifier, one)).toBe(true);
    const sessionId = one.sessionId.slice();
    sessionId[0]! ^= 1;
    expect(await verifySessionBind(webHostKeyVerifier, { ...one, sessionId })).toBe(false);
  });
  test.each(vectors.binds.invalid)('refuses $name', async (bind) => {
    expect(await verifySessionBind(webHostKeyVerifier, toBind(bind))).toBe(false);
  });
});

describe('checkBinds', () => {
  test.each(vectors.chains.valid)('takes $name', async ({ data, binds }) => {
    const check = await checkBinds(binds.map(toBind), parseUserauth(fromHex(data)), webHostKeyVerifier);
    const hops = check.is === 'verified' ? check.hops.map(toHex) : [];
    expect(hops).toEqual(binds.map((bind) => bind.hostKey));
  });
  test.each(vectors.chains.invalid)('refuses $name: $fault', async ({ data, binds, fault }) => {
    const checked = checkBinds(binds.map(toBind), parseUserauth(fromHex(data)), webHostKeyVerifier);
    await expect(checked).rejects.toMatchObject({ code: 'bad-bind', fault });
  });
});

describe('SshReader and SshWriter', () => {
  test('round trip', () => {
    fc.assert(
      fc.property(
        fc.nat(255),
        fc.boolean(),
        fc.nat(0xffffffff),
        fc.uint8Array(),
        fc.string({ unit: 'grapheme' }),
        (byte, bool, number, bytes, text) => {
          const magnitude = bytes.slice(bytes.findIndex((b) => b !== 0));
          fc.pre(bytes.some((b) => b !== 0));
          const writer = new SshWriter()
            .byte(byte)
            .bool(bool)
            .uint32(number)
            .uint64(2n ** 63n)
            .string(bytes)
            .positiveMpint(bytes);
          const reader = new SshReader(writer.text(text).done());
          expect([reader.byte(), reader.bool(), reader.uint32(), reader.uint64()]).toEqual([
            byte,
            bool,
            number,
            2n ** 63n,
          ]);
          expect([reader.string(), reader.positiveMpint(1000), reader.text()]).toEqual([bytes, magnitude, text]);
          reader.end();
        },
      ),
    );
  });
  test('a length is judged before anything is allocated', () => {
    expect(() => new SshReader(fromHex('ffffffff00')).string()).toThrow(SshFormatError);
    const four = fromHex('0000000401020304');
    expect(new SshReader(four).string(4)).toHaveLength(4);
    expect(() => new SshReader(four).string(3)).toThrow(SshFormatError);
  });
  test.each(['00000000', '0000000100', '0000000180', '000000020001', '00000002007f'])(
    'no positive mpint: %s',
    (hex) => {
      expect(() => new SshReader(fromHex(hex)).positiveMpint(8)).toThrow(SshFormatError);
    },
  );
  test('a boolean is 0 or 1', () => {
    expect(() => new SshReader(fromHex('02')).bool()).toThrow(SshFormatError);
  });
  test('a string is a copy', () => {
    const bytes = fromHex('0000000101');
    const read = new SshReader(bytes).string();
    bytes[4] = 9;
    expect(read[0]).toBe(1);
  });
});

test('signatures: 64 bytes there and back, no others', () => {
  const raw = new Uint8Array(64).fill(7);
  const blob = encodeSshSignature('ssh-ed25519', raw);
  expect(blob).toHaveLength(83);
  expect(parseSshSignature(blob)).toEqual({ algorithm: 'ssh-ed25519', signature: raw });
  for (const length of [0, 63, 65]) {
    expect(() => encodeSshSignature('ssh-ed25519', new Uint8Array(length))).toThrow(SshFormatError);
  }
  for (let end = 0; end < blob.length; end++)
    expect(() => parseSshSignature(blob.slice(0, end))).toThrow(SshFormatError);
});

test('base64 is as the platform has it, and has one spelling', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(toBase64(bytes)).toBe(btoa(String.fromCharCode(...bytes)));
      expect(fromBase64(toBase64(bytes))).toEqual(bytes);
    }),
  );
  for (const text of ['A', 'AA', 'AA=', 'AB==', 'AA==A', 'A-==', 'AA==\n', ' AA==']) {
    expect(() => fromBase64(text)).toThrow(SshFormatError);
  }
});
