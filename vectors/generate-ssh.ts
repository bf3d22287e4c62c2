/**
 * vectors/ssh.json: what is read and what is refused (spec/ssh.md). The logins are real OpenSSH's, from
 * fixtures/ssh-logins.json (capture-ssh.ts), file signatures and certificates real ssh-keygen's, from
 * fixtures/ssh-signatures.json (capture-signatures.ts); all others are made here from fixed seeds, so that every run gives the same.
 */
import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import type { UserKeyAlgorithm } from '../packages/core/src/ssh/index.ts';
import {
  ed25519Blob,
  encodeSshSignature,
  fromBase64,
  parseSshsig,
  SshReader,
  SshWriter,
  toBase64,
} from '../packages/core/src/ssh/index.ts';

interface Bind {
  readonly hostKey: string;
  readonly sessionId: string;
  readonly signature: string;
  readonly forwarding: boolean;
}
interface Fixture {
  readonly madeWith: string;
  readonly userPublicKey: string;
  readonly logins: Record<string, { data: string; method: string; binds: Bind[] }>;
}

const fixture = JSON.parse(readFileSync(new URL('fixtures/ssh-logins.json', import.meta.url), 'utf8')) as Fixture;
interface Signatures {
  readonly madeWith: string;
  readonly message: string;
  readonly signatures: { name: string; key: string; namespace: string; hash: 'sha256' | 'sha512'; armoured: string }[];
  readonly certificates: Record<'user' | 'sha1', Certificate> & { readonly valid: Certificate[] };
}
interface Certificate {
  readonly name: string;
  readonly ca: string;
  readonly blob: string;
}
const signed = JSON.parse(readFileSync(new URL('fixtures/ssh-signatures.json', import.meta.url), 'utf8')) as Signatures;
const hex = (bytes: Uint8Array | string) => Buffer.from(bytes as string, 'base64').toString('hex');
const bytes = (text: string) => Buffer.from(text, 'hex');

/** An Ed25519 key from a seed of 32 equal bytes. */
function seeded(byte: number) {
  const der = Buffer.concat([bytes('302e020100300506032b657004220420'), Buffer.alloc(32, byte)]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const jwk = createPublicKey(privateKey).export({ format: 'jwk' });
  const blob = ed25519Blob(Buffer.from(jwk.x ?? '', 'base64url'));
  return {
    blob: Buffer.from(blob),
    sign: (data: Uint8Array) => encodeSshSignature('ssh-ed25519', sign(null, data, privateKey)),
  };
}
const [user, serverA, serverB] = [seeded(1), seeded(2), seeded(3)];
const idA = Buffer.alloc(32, 0xa);
const idB = Buffer.alloc(32, 0xb);

interface LoginParts {
  readonly sessionId?: Uint8Array;
  readonly type?: number;
  readonly user?: Uint8Array;
  readonly service?: string;
  readonly method?: string;
  readonly signed?: number;
  readonly algorithm?: string;
  readonly key?: Uint8Array;
  readonly hostKey?: Uint8Array;
}
function login(parts: LoginParts = {}): Buffer {
  const writer = new SshWriter().string(parts.sessionId ?? idA).byte(parts.type ?? 50);
  writer.string(parts.user ?? Buffer.from('deploy')).name(parts.service ?? 'ssh-connection');
  writer.name(parts.method ?? (parts.hostKey ? 'publickey-hostbound-v00@openssh.com' : 'publickey'));
  writer
    .byte(parts.signed ?? 1)
    .name(parts.algorithm ?? 'ssh-ed25519')
    .string(parts.key ?? user.blob);
  return Buffer.from((parts.hostKey ? writer.string(parts.hostKey) : writer).done());
}
function bind(
  server: ReturnType<typeof seeded>,
  id: Uint8Array,
  forwarding = false,
  signature = server.sign(id),
): Bind {
  const text = (part: Uint8Array) => Buffer.from(part).toString('hex');
  return { hostKey: text(server.blob), sessionId: text(id), signature: text(signature), forwarding };
}

const real = Object.entries(fixture.logins).map(([name, { data, binds, method }]) => ({
  name: `${fixture.madeWith}: ${name}`,
  method,
  data: hex(data),
  binds: binds.map((b) => ({
    hostKey: hex(b.hostKey),
    sessionId: hex(b.sessionId),
    signature: hex(b.signature),
    forwarding: b.forwarding,
  })),
}));

const bound = login({ hostKey: serverA.blob });
const farBound = login({ sessionId: idB, hostKey: serverB.blob });
const hop = bind(serverA, idA, true);
const far = bind(serverB, idB);
const flipped = (text: string, at: number) => {
  const copy = bytes(text);
  copy[at < 0 ? copy.length + at : at]! ^= 1;
  return copy.toString('hex');
};
const sixteen = Array.from({ length: 16 }, (_, i) => bind(serverA, Buffer.alloc(32, 100 + i), true));
const [realEcdsa, realRsa, realCert] = ['nistp256', 'rsa-sha2-256', 'ed25519-cert'].map((name) => {
  const found = real.find((r) => r.name.endsWith(`: ${name}`))?.binds[0];
  if (found === undefined) throw new Error(`no capture of ${name}`);
  return found;
}) as [Bind, Bind, Bind];
/** The same signature, named another way. */
function renamed(signature: string, algorithm: string): string {
  const from = bytes(signature);
  const rest = from.subarray(4 + from.readUInt32BE(0));
  return Buffer.concat([new SshWriter().name(algorithm).done(), rest]).toString('hex');
}
const L = bytes('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010');
const large = bytes(bind(serverA, idA).signature);
{
  let carry = 0;
  for (let i = 0; i < 32; i++) {
    const sum = large[large.length - 32 + i]! + L[i]! + carry;
    large[large.length - 32 + i] = sum & 255;
    carry = sum >> 8;
  }
}

const rsa = (exponent: string, modulus: Buffer) =>
  Buffer.from(new SshWriter().name('ssh-rsa').string(bytes(exponent)).string(modulus).done());
const modulus = (bits: number) => {
  const magnitude = Buffer.alloc(Math.ceil(bits / 8), 0xff);
  magnitude[0] = 0xff >> ((8 - (bits % 8)) % 8);
  return bits % 8 === 0 ? Buffer.concat([Buffer.alloc(1), magnitude]) : magnitude;
};
const ecdsa = (name: string, curve: string, point: Buffer) =>
  Buffer.from(new SshWriter().name(name).name(curve).string(point).done());
const point = (length: number, first = 4) => Buffer.concat([Buffer.of(first), Buffer.alloc(length - 1, 7)]);
const named = (name: string, ...parts: Uint8Array[]) => {
  const writer = new SshWriter().name(name);
  for (const part of parts) writer.string(part);
  return Buffer.from(writer.done());
};
const p256 = ecdsa('ecdsa-sha2-nistp256', 'nistp256', point(65));
const entries = (from: Record<string, Buffer>, key: string) =>
  Object.entries(from).map(([name, value]) => ({ name, [key]: value.toString('hex') }));

const userKeys = {
  'ssh-ed25519': user.blob,
  'ecdsa-sha2-nistp256': p256,
  'rsa-sha2-512 of 3,072 bits': rsa('010001', modulus(3072)),
  'rsa-sha2-512 of 4,096 bits': rsa('010001', modulus(4096)),
};
const filled = (length: number, value: number) => Buffer.alloc(length, value);
const raw = {
  'ssh-ed25519': [filled(64, 0x11)],
  'ecdsa-sha2-nistp256': [
    filled(64, 0x11),
    filled(64, 0xee),
    Buffer.concat([filled(31, 0), filled(32, 0x80), filled(1, 1)]),
    Buffer.concat([filled(1, 0), filled(31, 0x7f), filled(2, 0), filled(30, 0x80)]),
  ],
  'rsa-sha2-512': [filled(384, 0x11), filled(512, 0xee), Buffer.concat([filled(1, 0), filled(384, 0x11)])],
} as const;
const wrongRaw = {
  'ssh-ed25519': [filled(0, 0), filled(63, 1), filled(65, 1)],
  'ecdsa-sha2-nistp256': [
    filled(63, 1),
    filled(65, 1),
    Buffer.concat([filled(32, 0), filled(32, 1)]),
    Buffer.concat([filled(32, 1), filled(32, 0)]),
  ],
  'rsa-sha2-512': [filled(256, 1), filled(383, 1), filled(513, 1)],
} as const;

const sshsigData = (parts: { magic?: string; namespace?: Buffer; reserved?: string; hash?: string; digest?: Buffer }) =>
  Buffer.from(
    new SshWriter()
      .raw(Buffer.from(parts.magic ?? 'SSHSIG'))
      .string(parts.namespace ?? Buffer.from('git'))
      .name(parts.reserved ?? '')
      .name(parts.hash ?? 'sha512')
      .string(parts.digest ?? filled(64, 5))
      .done(),
  );
const [firstSigned] = signed.signatures;
if (firstSigned === undefined) throw new Error('no captured signature');
const { publicKey, signature: signatureBlob } = parseSshsig(firstSigned.armoured);
interface SshsigParts {
  readonly magic?: string;
  readonly version?: number;
  readonly key?: Uint8Array;
  readonly namespace?: string;
  readonly reserved?: string;
  readonly hash?: string;
  readonly signature?: Uint8Array;
  readonly after?: string;
  readonly columns?: number;
}
function sshsig(parts: SshsigParts): string {
  const writer = new SshWriter().raw(Buffer.from(parts.magic ?? 'SSHSIG')).uint32(parts.version ?? 1);
  writer.string(parts.key ?? publicKey).text(parts.namespace ?? 'git');
  writer.name(parts.reserved ?? '').name(parts.hash ?? 'sha512');
  writer.string(parts.signature ?? signatureBlob).raw(bytes(parts.after ?? ''));
  const columns = parts.columns ?? 70;
  const lines = toBase64(writer.done()).match(new RegExp(`.{1,${columns}}`, 'g')) ?? [];
  return ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----', ''].join('\n');
}
const good = sshsig({});
const shaOne = new SshWriter().name('ssh-rsa').string(filled(384, 1)).done();

const plainCertificate = signed.certificates.valid[0];
if (plainCertificate === undefined) throw new Error('no captured certificate');
const certificateHex = hex(plainCertificate.blob);
/** A captured Ed25519 certificate with other fields; its signature stays. */
function certificateWith(change: { type?: number; principals?: Uint8Array; options?: Uint8Array; caKey?: Uint8Array }) {
  const reader = new SshReader(fromBase64(plainCertificate!.blob));
  const writer = new SshWriter().string(reader.string()).string(reader.string()).string(reader.string());
  writer.uint64(reader.uint64()).uint32(change.type ?? reader.uint32());
  if (change.type !== undefined) reader.uint32();
  writer.string(reader.string());
  const principals = reader.string();
  writer
    .string(change.principals ?? principals)
    .uint64(reader.uint64())
    .uint64(reader.uint64());
  const options = reader.string();
  writer
    .string(change.options ?? options)
    .string(reader.string())
    .string(reader.string());
  const caKey = reader.string();
  return Buffer.from(
    writer
      .string(change.caKey ?? caKey)
      .string(reader.string())
      .done(),
  );
}
const names = (count: number) => {
  const writer = new SshWriter();
  for (let i = 0; i < count; i++) writer.name(`h${i}`);
  return writer.done();
};

const vectors = {
  sshsigData: {
    valid: entries(
      {
        git: sshsigData({}),
        'SHA-256': sshsigData({ hash: 'sha256', digest: filled(32, 5) }),
        'namespace of 1 byte': sshsigData({ namespace: Buffer.from('a') }),
        'namespace of 255 bytes': sshsigData({ namespace: filled(255, 0x61) }),
        'namespace in UTF-8': sshsigData({ namespace: Buffer.from('größe') }),
      },
      'data',
    ),
    invalid: entries(
      {
        empty: Buffer.alloc(0),
        'another beginning': sshsigData({ magic: 'SSHSIh' }),
        'namespace of 0 bytes': sshsigData({ namespace: filled(0, 0) }),
        'namespace of 256 bytes': sshsigData({ namespace: filled(256, 0x61) }),
        'namespace with a NUL': sshsigData({ namespace: Buffer.from('git\0') }),
        'namespace that is not UTF-8': sshsigData({ namespace: bytes('ff') }),
        'reserved in use': sshsigData({ reserved: 'x' }),
        'SHA-1': sshsigData({ hash: 'sha1', digest: filled(20, 5) }),
        'a hash in capitals': sshsigData({ hash: 'SHA512' }),
        'SHA-512 of 32 bytes': sshsigData({ digest: filled(32, 5) }),
        'SHA-256 of 64 bytes': sshsigData({ hash: 'sha256' }),
        'a byte too many': Buffer.concat([sshsigData({}), Buffer.of(0)]),
        'a login': login(),
      },
      'data',
    ),
  },
  sshsig: {
    message: hex(signed.message),
    valid: signed.signatures.map(({ key, ...rest }) => ({ ...rest, key: hex(key) })),
    invalid: Object.entries({
      empty: '',
      'without its last newline': good.slice(0, -1),
      'with one newline more': `${good}\n`,
      'with text before it': ` ${good}`,
      'with CRLF': good.replaceAll('\n', '\r\n'),
      'without its beginning': good.slice(30),
      'of PGP': good.replaceAll('SSH', 'PGP'),
      'in 76 columns': sshsig({ columns: 76 }),
      'in one line': sshsig({ columns: 9_999 }),
      'an empty line within': good.replace('\n', '\n\n'),
      'another magic': sshsig({ magic: 'SSHSIg' }),
      'version 2': sshsig({ version: 2 }),
      'version 0': sshsig({ version: 0 }),
      'no key': sshsig({ key: Buffer.alloc(0) }),
      'a security key': sshsig({ key: named('sk-ssh-ed25519@openssh.com', filled(32, 1), Buffer.from('ssh:')) }),
      'no namespace': sshsig({ namespace: '' }),
      'reserved in use': sshsig({ reserved: 'x' }),
      'an unknown hash': sshsig({ hash: 'sha1' }),
      'no signature': sshsig({ signature: Buffer.alloc(0) }),
      'a signature with SHA-1': sshsig({ signature: shaOne }),
      'a byte too many': sshsig({ after: '00' }),
      'too long': sshsig({ signature: filled(52_000, 1) }),
    }).map(([name, armoured]) => ({ name, armoured })),
  },
  hostCertificates: {
    valid: [
      ...signed.certificates.valid.map(({ name, ca, blob }) => ({ name, ca: hex(ca), blob: hex(blob) })),
      ...real
        .filter(({ name }) => name.includes('-cert'))
        .map(({ name, binds }) => ({ name, ca: null, blob: binds[0]?.hostKey })),
    ],
    unverified: [
      { name: 'RSA with SHA-1', blob: hex(signed.certificates.sha1.blob) },
      { name: 'a flipped bit in the signature', blob: flipped(certificateHex, -1) },
      { name: 'a flipped bit in the nonce', blob: flipped(certificateHex, 45) },
      { name: 'another authority', blob: certificateWith({ caKey: serverA.blob }).toString('hex') },
      {
        name: 'an authority that is a certificate',
        blob: certificateWith({ caKey: bytes(realCert.hostKey) }).toString('hex'),
      },
      { name: 'an authority of an unknown type', blob: certificateWith({ caKey: Buffer.from('x') }).toString('hex') },
      { name: 'another name', blob: certificateWith({ principals: names(1) }).toString('hex') },
      { name: '256 names', blob: certificateWith({ principals: names(256) }).toString('hex') },
      { name: 'a critical option', blob: certificateWith({ options: named('x', filled(1, 1)) }).toString('hex') },
    ],
    invalid: [
      { name: 'of a user', blob: hex(signed.certificates.user.blob) },
      { name: 'of type 0', blob: certificateWith({ type: 0 }).toString('hex') },
      { name: 'of type 3', blob: certificateWith({ type: 3 }).toString('hex') },
      { name: '257 names', blob: certificateWith({ principals: names(257) }).toString('hex') },
      { name: 'a name cut short', blob: certificateWith({ principals: names(1).subarray(0, -1) }).toString('hex') },
      { name: 'a name that is not UTF-8', blob: certificateWith({ principals: bytes('00000001ff') }).toString('hex') },
      { name: 'an option without data', blob: certificateWith({ options: named('x') }).toString('hex') },
      { name: 'a byte too many', blob: `${certificateHex}00` },
    ],
  },
  userKeys: {
    valid: Object.entries(userKeys).map(([name, blob]) => ({
      name,
      algorithm: name.split(' ')[0],
      blob: blob.toString('hex'),
    })),
    invalid: entries(
      {
        empty: Buffer.alloc(0),
        'RSA of 3,071 bits': rsa('010001', modulus(3071)),
        'RSA of 4,097 bits': rsa('010001', modulus(4097)),
        'P-384': ecdsa('ecdsa-sha2-nistp384', 'nistp384', point(97)),
        'P-521': ecdsa('ecdsa-sha2-nistp521', 'nistp521', point(133)),
        'a security key': named('sk-ssh-ed25519@openssh.com', Buffer.alloc(32, 1), Buffer.from('ssh:')),
        'a certificate': bytes(realCert.hostKey),
        'a byte too many': Buffer.concat([user.blob, Buffer.of(0)]),
      },
      'blob',
    ),
  },
  userSignatures: {
    valid: Object.entries(raw).flatMap(([algorithm, all]) =>
      all.map((one) => ({
        algorithm,
        raw: one.toString('hex'),
        blob: Buffer.from(encodeSshSignature(algorithm as UserKeyAlgorithm, one)).toString('hex'),
      })),
    ),
    invalid: Object.entries(wrongRaw).flatMap(([algorithm, all]) =>
      all.map((one) => ({ algorithm, raw: one.toString('hex') })),
    ),
  },
  userauth: {
    valid: [
      ...entries(
        {
          publickey: login(),
          hostbound: bound,
          'session id of 1 byte': login({ sessionId: Buffer.of(1) }),
          'session id of 128 bytes': login({ sessionId: Buffer.alloc(128, 1) }),
          'user of 255 bytes': login({ user: Buffer.alloc(255, 'u') }),
          'user in UTF-8': login({ user: Buffer.from('jürgen') }),
          'a P-256 key': login({ key: p256, algorithm: 'ecdsa-sha2-nistp256' }),
          'an RSA key of 3,072 bits': login({ key: rsa('010001', modulus(3072)), algorithm: 'rsa-sha2-512' }),
          'an RSA key of 4,096 bits': login({ key: rsa('010001', modulus(4096)), algorithm: 'rsa-sha2-512' }),
          'a P-256 key, hostbound': login({ key: p256, algorithm: 'ecdsa-sha2-nistp256', hostKey: serverA.blob }),
        },
        'data',
      ),
      ...real.map(({ name, data }) => ({ name, data })),
    ],
    invalid: entries(
      {
        empty: Buffer.alloc(0),
        'session id of 0 bytes': login({ sessionId: Buffer.alloc(0) }),
        'session id of 129 bytes': login({ sessionId: Buffer.alloc(129, 1) }),
        'another message': login({ type: 51 }),
        'user of 0 bytes': login({ user: Buffer.alloc(0) }),
        'user of 256 bytes': login({ user: Buffer.alloc(256, 'u') }),
        'user that is not UTF-8': login({ user: bytes('ff') }),
        'user with an overlong encoding': login({ user: bytes('c0af') }),
        'another service': login({ service: 'ssh-userauth' }),
        'another method': login({ method: 'hostbased' }),
        'not signed': login({ signed: 0 }),
        'signed, but not by 1': login({ signed: 2 }),
        'another algorithm than the key': login({ algorithm: 'rsa-sha2-512' }),
        'an RSA key of 3,071 bits': login({ key: rsa('010001', modulus(3071)), algorithm: 'rsa-sha2-512' }),
        'an RSA key of 4,097 bits': login({ key: rsa('010001', modulus(4097)), algorithm: 'rsa-sha2-512' }),
        'an RSA key with SHA-256': login({ key: rsa('010001', modulus(4096)), algorithm: 'rsa-sha2-256' }),
        'an RSA key with SHA-1': login({ key: rsa('010001', modulus(4096)), algorithm: 'ssh-rsa' }),
        'an RSA key under another algorithm': login({ key: rsa('010001', modulus(4096)) }),
        'a P-256 key under another algorithm': login({ key: p256 }),
        'a P-384 key': login({
          key: ecdsa('ecdsa-sha2-nistp384', 'nistp384', point(97)),
          algorithm: 'ecdsa-sha2-nistp384',
        }),
        'a P-256 key as a P-384 key': login({ key: p256, algorithm: 'ecdsa-sha2-nistp384' }),
        'an algorithm that is empty': login({ algorithm: '' }),
        'a key that is empty': login({ key: Buffer.alloc(0) }),
        'a certificate with its own algorithm': login({
          key: bytes(realCert.hostKey),
          algorithm: 'ssh-ed25519-cert-v01@openssh.com',
        }),
        'a certificate as key': login({ key: bytes(realCert.hostKey) }),
        'publickey with a host key': login({ method: 'publickey', hostKey: serverA.blob }),
        'hostbound without a host key': login({ method: 'publickey-hostbound-v00@openssh.com' }),
        'hostbound with a host key that is none': login({ hostKey: Buffer.from('no key') }),
        'a byte too many': Buffer.concat([bound, Buffer.of(0)]),
        'an SSHSIG': Buffer.concat([
          Buffer.from('SSHSIG'),
          named('git', Buffer.alloc(0), Buffer.from('sha512'), Buffer.alloc(64)),
        ]),
      },
      'data',
    ),
  },
  publicKeys: {
    valid: [
      ...[...new Set(real.flatMap(({ binds }) => binds.map(({ hostKey }) => hostKey)))].map((blob) => ({
        name: fixture.madeWith,
        blob,
      })),
      ...entries(
        {
          'RSA of 2,048 bits': rsa('010001', modulus(2048)),
          'RSA of 2,049 bits': rsa('03', modulus(2049)),
          'RSA of 16,384 bits, exponent of 32 bits': rsa('00ffffffff', modulus(16_384)),
        },
        'blob',
      ),
    ],
    invalid: entries(
      {
        empty: Buffer.alloc(0),
        'ssh-dss': named('ssh-dss', Buffer.alloc(32, 1)),
        'a security key': named('sk-ssh-ed25519@openssh.com', Buffer.alloc(32, 1), Buffer.from('ssh:')),
        'Ed25519 of 31 bytes': named('ssh-ed25519', Buffer.alloc(31, 1)),
        'Ed25519 of 33 bytes': named('ssh-ed25519', Buffer.alloc(33, 1)),
        'Ed25519 with a byte too many': Buffer.concat([ed25519Blob(Buffer.alloc(32, 1)), Buffer.of(0)]),
        'ECDSA of another curve': ecdsa('ecdsa-sha2-nistp256', 'nistp384', point(97)),
        'ECDSA point of another curve': ecdsa('ecdsa-sha2-nistp256', 'nistp256', point(97)),
        'ECDSA compressed': ecdsa('ecdsa-sha2-nistp256', 'nistp256', point(33, 2)),
        'ECDSA hybrid point': ecdsa('ecdsa-sha2-nistp256', 'nistp256', point(65, 6)),
        'RSA of 2,047 bits': rsa('010001', modulus(2047)),
        'RSA of 16,385 bits': rsa('010001', modulus(16_385)),
        'RSA exponent 1': rsa('01', modulus(2048)),
        'RSA exponent even': rsa('010000', modulus(2048)),
        'RSA exponent of 33 bits': rsa('0100000001', modulus(2048)),
        'RSA exponent with a needless zero': rsa('00010001', modulus(2048)),
        'RSA exponent empty': rsa('', modulus(2048)),
        'RSA modulus below zero': rsa('010001', modulus(2048).subarray(1)),
        'a certificate cut short': bytes(realCert.hostKey).subarray(0, -1),
      },
      'blob',
    ),
  },
  binds: {
    valid: real.flatMap(({ name, binds }) => binds.map((b, i) => ({ name: `${name} ${i + 1}`, ...b }))),
    invalid: [
      { name: 'Ed25519: a flipped bit', ...far, signature: flipped(far.signature, -40) },
      { name: 'Ed25519: another session', ...far, sessionId: hop.sessionId },
      { name: 'Ed25519: another key', ...far, hostKey: hop.hostKey },
      { name: 'Ed25519: S + L', ...bind(serverA, idA), signature: large.toString('hex') },
      { name: 'Ed25519: named as another', ...far, signature: renamed(far.signature, 'rsa-sha2-256') },
      { name: 'ECDSA: a flipped bit', ...realEcdsa, signature: flipped(realEcdsa.signature, -1) },
      {
        name: 'ECDSA: named as another curve',
        ...realEcdsa,
        signature: renamed(realEcdsa.signature, 'ecdsa-sha2-nistp384'),
      },
      { name: 'ECDSA: a point off the curve', ...realEcdsa, hostKey: flipped(realEcdsa.hostKey, -1) },
      { name: 'RSA: a flipped bit', ...realRsa, signature: flipped(realRsa.signature, -1) },
      { name: 'RSA: SHA-1 by name', ...realRsa, signature: renamed(realRsa.signature, 'ssh-rsa') },
      { name: 'RSA: another hash by name', ...realRsa, signature: renamed(realRsa.signature, 'rsa-sha2-512') },
      { name: 'a signature cut short', ...far, signature: far.signature.slice(0, -2) },
      { name: 'a signature with a byte too many', ...far, signature: `${far.signature}00` },
      { name: 'no signature', ...far, signature: '' },
      { name: 'no key', ...far, hostKey: '' },
    ],
  },
  chains: {
    valid: [
      ...real.map(({ name, data, binds }) => ({ name, data, binds })),
      { name: 'no binds, publickey', data: login().toString('hex'), binds: [] },
      { name: 'no binds, hostbound', data: bound.toString('hex'), binds: [] },
      { name: 'one hop, publickey', data: login().toString('hex'), binds: [bind(serverA, idA)] },
      { name: 'two hops', data: farBound.toString('hex'), binds: [hop, far] },
      { name: '16 hops', data: farBound.toString('hex'), binds: [...sixteen.slice(0, 15), far] },
    ],
    invalid: [
      { name: '17 hops', fault: 'too-many', data: farBound.toString('hex'), binds: [...sixteen, far] },
      { name: 'only forwarding', fault: 'forwarding-order', data: bound.toString('hex'), binds: [hop] },
      {
        name: 'a first that is final',
        fault: 'forwarding-order',
        data: farBound.toString('hex'),
        binds: [bind(serverA, idA), far],
      },
      {
        name: 'a session twice',
        fault: 'repeated',
        data: farBound.toString('hex'),
        binds: [bind(serverA, idB, true), far],
      },
      { name: 'another session', fault: 'session', data: farBound.toString('hex'), binds: [bind(serverB, idA)] },
      { name: 'another server', fault: 'server', data: bound.toString('hex'), binds: [bind(serverB, idA)] },
      {
        name: 'two hops by publickey',
        fault: 'method',
        data: login({ sessionId: idB }).toString('hex'),
        binds: [hop, far],
      },
      {
        name: 'a hop that does not verify',
        fault: 'signature',
        data: farBound.toString('hex'),
        binds: [{ ...hop, signature: far.signature }, far],
      },
      {
        name: 'a last that does not verify',
        fault: 'signature',
        data: farBound.toString('hex'),
        binds: [hop, { ...far, signature: hop.signature }],
      },
    ],
  },
};
writeFileSync(new URL('ssh.json', import.meta.url), `${JSON.stringify(vectors, null, 2)}\n`);
