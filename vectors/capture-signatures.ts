/**
 * Captures what real ssh-keygen writes, for vectors/generate-ssh.ts: signatures of files by keys of each type, and
 * certificates of hosts. Run by hand, since the keys are new each time:
 * `node --import tsx vectors/capture-signatures.ts`.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'palmkey-capture-'));
const at = (name: string) => join(folder, name);
const keygen = (...args: readonly string[]) => execFileSync('ssh-keygen', ['-q', ...args], { stdio: 'ignore' });
const blobOf = (name: string) =>
  readFileSync(at(`${name}.pub`), 'utf8')
    .split(' ')[1]!
    .trim();

const TYPES = [
  ['ed25519', 'ed25519', '256'],
  ['nistp256', 'ecdsa', '256'],
  ['nistp384', 'ecdsa', '384'],
  ['nistp521', 'ecdsa', '521'],
  ['rsa', 'rsa', '3072'],
] as const;
for (const [name, type, bits] of TYPES) {
  keygen('-t', type, '-b', bits, '-N', '', '-C', '', '-f', at(name));
  keygen('-t', type, '-b', bits, '-N', '', '-C', '', '-f', at(`ca-${name}`));
}

const message = Buffer.from('A file\r\nof  two lines \u202e\n');
writeFileSync(at('file'), message);
const SIGNATURES = [
  ['ed25519', 'git', 'sha512'],
  ['ed25519', 'file', 'sha256'],
  ['nistp256', 'git', 'sha512'],
  ['nistp256', 'file', 'sha256'],
  ['nistp384', 'file', 'sha512'],
  ['rsa', 'git', 'sha512'],
  ['rsa', 'namespace@example.org', 'sha256'],
] as const;
const signatures = SIGNATURES.map(([key, namespace, hash]) => {
  keygen('-Y', 'sign', '-n', namespace, '-O', `hashalg=${hash}`, '-f', at(key), at('file'));
  const armoured = readFileSync(at('file.sig'), 'utf8');
  rmSync(at('file.sig'));
  return { name: `${key} ${namespace} ${hash}`, key: blobOf(key), namespace, hash, armoured };
});

/** The certificate that the arguments make of a host key. */
function certificate(name: string, key: string, ca: string, ...args: readonly string[]) {
  keygen('-s', at(ca), '-I', name, ...args, at(`${key}.pub`));
  return { name, ca: blobOf(ca), blob: blobOf(`${key}-cert`) };
}
const host = ['-h', '-n', 'host.example,10.0.0.1', '-z', '7'];
const certificates = {
  valid: [
    ...TYPES.map(([name]) => certificate(`${name} by ed25519`, name, 'ca-ed25519', ...host)),
    ...TYPES.slice(1).map(([name]) => certificate(`ed25519 by ${name}`, 'ed25519', `ca-${name}`, ...host)),
    certificate('RSA with SHA-256', 'ed25519', 'ca-rsa', '-t', 'rsa-sha2-256', ...host),
    certificate('without names', 'ed25519', 'ca-ed25519', '-h'),
    certificate('with a wildcard', 'ed25519', 'ca-ed25519', '-h', '-n', '*.example'),
    certificate('highest serial', 'ed25519', 'ca-ed25519', '-h', '-n', 'h', '-z', '18446744073709551615'),
    certificate('2020 only', 'ed25519', 'ca-ed25519', ...host, '-V', '20200101000000Z:20210101000000Z'),
    certificate('2090 only', 'ed25519', 'ca-ed25519', ...host, '-V', '20900101000000Z:20910101000000Z'),
    certificate('with a critical option', 'ed25519', 'ca-ed25519', ...host, '-O', 'critical:x@example.org=1'),
  ],
  sha1: certificate('RSA with SHA-1', 'ed25519', 'ca-rsa', '-t', 'ssh-rsa', ...host),
  user: certificate('of a user', 'ed25519', 'ca-ed25519', '-n', 'ada'),
};

const madeWith = execFileSync('sh', ['-c', 'ssh -V 2>&1'], { encoding: 'utf8' }).split(/[ ,]/)[0];
rmSync(folder, { recursive: true });
const out = { madeWith, message: message.toString('base64'), signatures, certificates };
writeFileSync(new URL('fixtures/ssh-signatures.json', import.meta.url), `${JSON.stringify(out, null, 2)}\n`);
