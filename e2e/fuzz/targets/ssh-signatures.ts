/** What user keys sign and authorities vouch for: SSHSIG, its data, user keys, certificates of hosts. */
import {
  agentFlagsFit,
  encodeSshsig,
  encodeSshsigData,
  parseHostCertificate,
  parseSshsig,
  parseSshsigData,
  SshFormatError,
  SshReader,
  SshWriter,
  userKeyAlgorithm,
  verifyHostCertificate,
  webHostKeyVerifier,
} from '@palmkey/core/ssh';
import { fromLatin1, latin1, type Target, utf8 } from '../target.ts';
import { named, sshVectors } from '../vectors.ts';

const certificates = sshVectors.hostCertificates.valid.filter(({ blob }) => blob.length < 1_500);

/** A certificate of an Ed25519 key from what was read of it; the parts that are not kept are read again by hand. */
function certificateAgain(bytes: Uint8Array): Uint8Array | null {
  const certificate = parseHostCertificate(bytes);
  if (certificate === null) return null;
  const reader = new SshReader(bytes);
  const writer = new SshWriter().string(reader.string()).string(reader.string()).string(reader.string());
  reader.uint64();
  writer.uint64(certificate.serial).uint32(reader.uint32());
  reader.string();
  const principals = new SshWriter();
  for (const principal of certificate.principals) principals.text(principal);
  reader.string();
  writer.text(certificate.keyId).string(principals.done());
  writer.uint64(certificate.validAfter).uint64(certificate.validBefore);
  reader.uint64();
  reader.uint64();
  writer.string(reader.string()).string(reader.string()).string(reader.string());
  reader.string();
  return writer.string(certificate.caKey).string(reader.string()).done();
}

export const sshSignatureTargets: readonly Target[] = [
  {
    name: 'sshsig-data',
    kind: 'codec',
    seeds: sshVectors.sshsigData.valid.map(({ data }) => data),
    refusals: [SshFormatError],
    parse: (bytes) => encodeSshsigData(parseSshsigData(bytes)),
  },
  {
    name: 'sshsig',
    kind: 'codec',
    seeds: sshVectors.sshsig.valid.map(({ armoured }) => utf8(armoured)),
    refusals: [SshFormatError],
    parse: (bytes) => fromLatin1(encodeSshsig(parseSshsig(latin1(bytes)))),
  },
  {
    name: 'ssh-user-key',
    kind: 'codec',
    seeds: sshVectors.userKeys.valid.map(({ blob }) => blob),
    refusals: [],
    parse: (bytes) => {
      const algorithm = userKeyAlgorithm(bytes);
      return algorithm !== null && agentFlagsFit(algorithm, algorithm === 'rsa-sha2-512' ? 4 : 0) ? bytes : null;
    },
  },
  {
    name: 'ssh-host-certificate',
    kind: 'codec',
    seeds: certificates
      .filter(({ name }) => name.startsWith('ed25519 by') || name.startsWith('with'))
      .map(({ blob }) => blob),
    refusals: [SshFormatError],
    parse: (bytes) => {
      const start = new SshReader(bytes).text(64);
      return start === 'ssh-ed25519-cert-v01@openssh.com' ? certificateAgain(bytes) : null;
    },
  },
  {
    name: 'ssh-host-certificate-signature',
    kind: 'authenticated',
    share: 0.3,
    seeds: [named(certificates, 'ed25519 by ed25519').blob, named(certificates, 'ed25519 by rsa').blob],
    refusals: [],
    parse: async (bytes) => ((await verifyHostCertificate(webHostKeyVerifier, bytes)) ? bytes : null),
  },
];
