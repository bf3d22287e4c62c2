/** OpenSSH's formats: keys, certificates, signatures, logins, session-binds, key lines, and the bare wire types. */
import {
  authorizedKeysLine,
  checkBindOrder,
  BindError,
  ed25519Blob,
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
} from '@palmkey/core/ssh';
import { fixedBytes } from '../keys.ts';
import { fromUtf8, ofText, type Target, utf8 } from '../target.ts';
import { named, sshVectors } from '../vectors.ts';

const blobs = sshVectors.publicKeys.valid.map(({ blob }) => blob);
const isCertificate = (blob: Uint8Array) => parsePublicKey(blob).certificate;
const binds = sshVectors.binds.valid;

/** The blob from its parts. A certificate's other fields are not kept by the parser: they are read again by hand. */
function publicKeyAgain(bytes: Uint8Array): Uint8Array {
  const { key, certificate, algorithm } = parsePublicKey(bytes);
  const plain = plainKeyBlob(key);
  if (!certificate) return plain;
  const inner = new SshReader(plain);
  inner.string();
  const fields = plain.slice(plain.length - inner.remaining);
  const reader = new SshReader(bytes);
  reader.string();
  const nonce = reader.string();
  const writer = new SshWriter().name(algorithm).string(nonce).raw(fields);
  const rest = new SshReader(bytes.subarray(writer.done().length));
  writer.uint64(rest.uint64()).uint32(rest.uint32()).string(rest.string()).string(rest.string());
  writer.uint64(rest.uint64()).uint64(rest.uint64());
  for (let i = 0; i < 5; i++) writer.string(rest.string());
  return writer.done();
}

function userauthAgain(bytes: Uint8Array): Uint8Array {
  const { sessionId, user, method, algorithm, key, hostKey } = parseUserauth(bytes);
  const writer = new SshWriter().string(sessionId).byte(50).text(user).name('ssh-connection');
  writer.name(method === 'hostbound' ? 'publickey-hostbound-v00@openssh.com' : method);
  writer.byte(1).name(algorithm).string(key);
  return (hostKey === null ? writer : writer.string(hostKey)).done();
}

/** byte ‖ boolean ‖ uint32 ‖ uint64 ‖ string ‖ text ‖ mpint. */
function wireAgain(bytes: Uint8Array): Uint8Array {
  const reader = new SshReader(bytes);
  const writer = new SshWriter()
    .byte(reader.byte())
    .bool(reader.bool())
    .uint32(reader.uint32())
    .uint64(reader.uint64());
  writer.string(reader.string()).text(reader.text(64)).positiveMpint(reader.positiveMpint(64));
  reader.end();
  return writer.done();
}

const wire = (text: string, number: Uint8Array) =>
  new SshWriter()
    .byte(7)
    .bool(true)
    .uint32(0xdead_beef)
    .uint64(2n ** 63n)
    .string(fixedBytes('string'))
    .text(text)
    .positiveMpint(number)
    .done();

/** Host key ‖ session id ‖ signature: all that the signature is over or of. */
async function boundBy(bytes: Uint8Array): Promise<Uint8Array | null> {
  const reader = new SshReader(bytes);
  const bind = { hostKey: reader.string(), sessionId: reader.string(), signature: reader.string(), forwarding: false };
  reader.end();
  return (await verifySessionBind(webHostKeyVerifier, bind)) ? bytes : null;
}
const joinedBind = ({ hostKey, sessionId, signature }: (typeof binds)[number]) =>
  new SshWriter().string(hostKey).string(sessionId).string(signature).done();
/** One for each kind of key; a certificate's own fields are not signed by the bind. */
const plainBinds = [
  ...new Map(
    binds.filter(({ hostKey }) => !isCertificate(hostKey)).map((bind) => [parsePublicKey(bind.hostKey).type, bind]),
  ).values(),
];

export const sshTargets: readonly Target[] = [
  {
    name: 'ssh-public-key',
    kind: 'codec',
    seeds: blobs.filter((blob) => !isCertificate(blob) && blob.length < 1_000),
    refusals: [SshFormatError],
    parse: publicKeyAgain,
  },
  {
    name: 'ssh-certificate',
    kind: 'codec',
    seeds: blobs.filter(isCertificate).slice(0, 2),
    refusals: [SshFormatError],
    parse: publicKeyAgain,
  },
  {
    name: 'ssh-signature',
    kind: 'codec',
    seeds: plainBinds.map(({ signature }) => signature),
    refusals: [SshFormatError],
    parse: (bytes) => {
      const { algorithm, signature } = parseSshSignature(bytes);
      return new SshWriter().text(algorithm).string(signature).done();
    },
  },
  {
    name: 'ssh-userauth',
    kind: 'codec',
    seeds: ['publickey', 'hostbound', 'user in UTF-8', 'a P-256 key, hostbound', 'an RSA key of 3,072 bits'].map(
      (name) => named(sshVectors.userauth.valid, name).data,
    ),
    refusals: [SshFormatError],
    parse: userauthAgain,
  },
  {
    name: 'ssh-bind-order',
    kind: 'codec',
    seeds: [named(sshVectors.chains.valid, 'two hops').data],
    refusals: [SshFormatError, BindError],
    parse: (bytes) => {
      checkBindOrder(named(sshVectors.chains.valid, 'two hops').binds, parseUserauth(bytes));
      return userauthAgain(bytes);
    },
  },
  {
    name: 'ssh-session-bind',
    kind: 'authenticated',
    share: 0.3,
    seeds: plainBinds.map(joinedBind),
    refusals: [SshFormatError],
    parse: boundBy,
  },
  {
    name: 'ssh-wire',
    kind: 'codec',
    seeds: [
      wire('', Uint8Array.of(1)),
      wire('jürgen', Uint8Array.of(0x80)),
      wire('x'.repeat(64), fixedBytes('number')),
    ],
    refusals: [SshFormatError],
    parse: wireAgain,
  },
  {
    name: 'base64',
    kind: 'codec',
    seeds: [0, 1, 2, 3, 32].map((length) => utf8(toBase64(fixedBytes('base64').slice(0, length)))),
    refusals: [SshFormatError],
    parse: ofText((text) => toBase64(fromBase64(text))),
  },
  {
    name: 'authorized-key',
    kind: 'lenient',
    seeds: [
      utf8(authorizedKeysLine(ed25519Blob(fixedBytes('user')), '')),
      utf8(`  ${authorizedKeysLine(ed25519Blob(fixedBytes('user')), 'jürgen@laptop  work')}\n`),
      ...blobs.filter((blob) => blob.length < 200).map((blob) => utf8(authorizedKeysLine(blob, 'a'))),
    ],
    refusals: [SshFormatError],
    parse: (bytes) => {
      const { blob, comment } = parseAuthorizedKey(fromUtf8(bytes));
      return utf8(authorizedKeysLine(blob, comment));
    },
  },
];
