import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '@palmkey/envelope';
import { readPage } from '../../../../vectors/page.ts';
import {
  hostCertificateFault,
  parseHostCertificate,
  parseHostKey,
  parseUserauth,
  SshFormatError,
  SshWriter,
  verifyHostCertificate,
  verifySessionBind,
  webHostKeyVerifier,
} from './index.ts';

interface Vectors {
  readonly hostCertificates: {
    readonly valid: { name: string; ca: string | null; blob: string }[];
    readonly unverified: { name: string; blob: string }[];
    readonly invalid: { name: string; blob: string }[];
  };
  readonly publicKeys: { readonly valid: { name: string; blob: string }[] };
  readonly binds: { readonly valid: { hostKey: string; sessionId: string; signature: string; forwarding: boolean }[] };
  readonly userauth: { readonly valid: { name: string; data: string }[] };
}
const { hostCertificates, publicKeys, binds, userauth } = readPage('ssh') as Vectors;
const named = (name: string) => {
  const certificate = parseHostCertificate(fromHex(hostCertificates.valid.find((each) => each.name === name)!.blob));
  if (certificate === null) throw new RangeError('a plain key');
  return certificate;
};

describe('host certificates', () => {
  test.each(hostCertificates.valid)('ssh-keygen, $name: reads and verifies', async ({ ca, blob }) => {
    const bytes = fromHex(blob);
    const certificate = parseHostCertificate(bytes);
    if (ca !== null) expect(toHex(certificate!.caKey)).toBe(ca);
    expect(await verifyHostCertificate(webHostKeyVerifier, bytes)).toBe(true);
  });
  test('says what ssh-keygen -L says', () => {
    const { caKey: _, ...rest } = named('ed25519 by ed25519');
    expect(rest).toEqual({
      keyId: 'ed25519 by ed25519',
      serial: 7n,
      principals: ['host.example', '10.0.0.1'],
      validAfter: 0n,
      validBefore: 2n ** 64n - 1n,
      criticalOptions: [],
    });
    expect(named('without names').principals).toEqual([]);
    expect(named('with a wildcard').principals).toEqual(['*.example']);
    expect(named('highest serial').serial).toBe(2n ** 64n - 1n);
    expect(named('with a critical option').criticalOptions).toEqual(['x@example.org']);
    expect([named('2020 only').validAfter, named('2020 only').validBefore]).toEqual([1_577_836_800n, 1_609_459_200n]);
  });
  test('holds from its first second to the one before its end, and never with a critical option', () => {
    const certificate = named('2020 only');
    const at = (seconds: bigint) => hostCertificateFault(certificate, seconds);
    expect([at(1_577_836_799n), at(1_577_836_800n), at(1_609_459_199n), at(1_609_459_200n)]).toEqual([
      'not-yet-valid',
      null,
      null,
      'expired',
    ]);
    expect(hostCertificateFault(named('2090 only'), 1_700_000_000n)).toBe('not-yet-valid');
    expect(hostCertificateFault(named('ed25519 by rsa'), 1_700_000_000n)).toBeNull();
    expect(hostCertificateFault(named('with a critical option'), 1_700_000_000n)).toBe('critical-option');
  });
  test.each(hostCertificates.unverified)('reads, and does not verify: $name', async ({ blob }) => {
    expect(parseHostCertificate(fromHex(blob))).not.toBeNull();
    expect(await verifyHostCertificate(webHostKeyVerifier, fromHex(blob))).toBe(false);
  });
  test.each(hostCertificates.invalid)('refuses $name', async ({ blob }) => {
    expect(() => parseHostCertificate(fromHex(blob))).toThrow(SshFormatError);
    expect(() => parseHostKey(fromHex(blob))).toThrow(SshFormatError);
    expect(await verifyHostCertificate(webHostKeyVerifier, fromHex(blob))).toBe(false);
  });
  test('every truncation is refused, and every flipped bit verifies nothing', async () => {
    const bytes = fromHex(hostCertificates.valid[0]!.blob);
    for (let at = 0; at < bytes.length; at++) {
      expect(() => parseHostCertificate(bytes.slice(0, at))).toThrow(SshFormatError);
      const changed = bytes.slice();
      changed[at]! ^= 1 << (at % 8);
      expect(await verifyHostCertificate(webHostKeyVerifier, changed)).toBe(false);
    }
  });
  test('a plain key has none', async () => {
    const plain = publicKeys.valid.filter(({ blob }) => !parseHostKey(fromHex(blob)).certificate);
    expect(plain.length).toBeGreaterThan(3);
    for (const { blob } of plain) {
      expect(parseHostCertificate(fromHex(blob))).toBeNull();
      expect(await verifyHostCertificate(webHostKeyVerifier, fromHex(blob))).toBe(false);
    }
  });
});

describe('a user certificate is no host key', () => {
  const user = fromHex(hostCertificates.invalid.find(({ name }) => name === 'of a user')!.blob);
  test('of a bind', async () => {
    const bind = binds.valid[0]!;
    const signature = { sessionId: fromHex(bind.sessionId), signature: fromHex(bind.signature), forwarding: false };
    expect(await verifySessionBind(webHostKeyVerifier, { ...signature, hostKey: user })).toBe(false);
  });
  test('of a login', () => {
    const login = parseUserauth(fromHex(userauth.valid.find(({ name }) => name === 'hostbound')!.data));
    const writer = new SshWriter().string(login.sessionId).byte(50).text(login.user).name('ssh-connection');
    writer.name('publickey-hostbound-v00@openssh.com').bool(true).name(login.algorithm).string(login.key);
    expect(() => parseUserauth(writer.string(user).done())).toThrow(SshFormatError);
  });
});
