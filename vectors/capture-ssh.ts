/**
 * Captures what real OpenSSH says to an agent, for vectors/generate-ssh.ts: one login to a server with each type of
 * host key, and one through a forwarded agent. Run by hand, since the keys are new each time:
 * `node --import tsx vectors/capture-ssh.ts`.
 */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { createPrivateKey, sign } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { authorizedKeysLine, ed25519Blob, encodeSshSignature, toBase64 } from '../packages/core/src/ssh/index.ts';
import { startAgent } from '../packages/host/src/ssh-agent/agent.ts';
import type { LoginAsk } from '../packages/host/src/ssh-agent/login-ask.ts';

const SERVERS = [
  { name: 'ed25519', type: 'ed25519', bits: '256', certified: false, algorithm: 'ssh-ed25519' },
  { name: 'nistp256', type: 'ecdsa', bits: '256', certified: false, algorithm: 'ecdsa-sha2-nistp256' },
  { name: 'nistp384', type: 'ecdsa', bits: '384', certified: false, algorithm: 'ecdsa-sha2-nistp384' },
  { name: 'nistp521', type: 'ecdsa', bits: '521', certified: false, algorithm: 'ecdsa-sha2-nistp521' },
  { name: 'rsa-sha2-256', type: 'rsa', bits: '2048', certified: false, algorithm: 'rsa-sha2-256' },
  { name: 'rsa-sha2-512', type: 'rsa', bits: '3072', certified: false, algorithm: 'rsa-sha2-512' },
  {
    name: 'ed25519-cert',
    type: 'ed25519',
    bits: '256',
    certified: true,
    algorithm: 'ssh-ed25519-cert-v01@openssh.com',
  },
  {
    name: 'nistp256-cert',
    type: 'ecdsa',
    bits: '256',
    certified: true,
    algorithm: 'ecdsa-sha2-nistp256-cert-v01@openssh.com',
  },
  { name: 'rsa-cert', type: 'rsa', bits: '2048', certified: true, algorithm: 'rsa-sha2-512-cert-v01@openssh.com' },
];
const FIRST_PORT = 41_300;
// The test key of RFC 8032 §7.1, test 1: anybody's.
const SEED = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
const PUBLIC = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';

const userKey = ed25519Blob(Buffer.from(PUBLIC, 'hex'));
const pkcs8 = Buffer.from(`302e020100300506032b657004220420${SEED}`, 'hex');
const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
const folder = mkdtempSync(join(tmpdir(), 'palmkey-capture-'));
const logins: Record<string, unknown> = {};
let name = '';

function record({ data, binds, userauth }: LoginAsk): void {
  logins[name] = {
    data: toBase64(data),
    method: userauth.method,
    binds: binds.map((bind) => ({
      hostKey: toBase64(bind.hostKey),
      sessionId: toBase64(bind.sessionId),
      signature: toBase64(bind.signature),
      forwarding: bind.forwarding,
    })),
  };
}

const agent = await startAgent({
  socketPath: join(folder, 'run', 'agent'),
  keys: () => [{ blob: userKey, comment: 'vector' }],
  sign: (login) => {
    record(login);
    return Promise.resolve({
      is: 'signed',
      signature: encodeSshSignature('ssh-ed25519', sign(null, login.data, privateKey)),
    });
  },
});
mkdirSync('/run/sshd', { recursive: true });
writeFileSync(join(folder, 'authorized'), `${authorizedKeysLine(userKey, '')}\n`);
execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'ca')]);
const options = ['UserKnownHostsFile=/dev/null', 'StrictHostKeyChecking=no', 'LogLevel=ERROR', 'IdentityFile=none'];
const common = ['-F', 'none', ...options.flatMap((option) => ['-o', option])];
const children = [];
for (const [i, { name: key, type, bits, certified }] of SERVERS.entries()) {
  const path = join(folder, key);
  execFileSync('ssh-keygen', ['-q', '-t', type, '-b', bits, '-N', '', '-f', path, '-C', '']);
  if (certified)
    execFileSync('ssh-keygen', [
      '-q',
      '-s',
      join(folder, 'ca'),
      '-I',
      'vector',
      '-h',
      '-n',
      'host.example',
      `${path}.pub`,
    ]);
  const lines = [`ListenAddress 127.0.0.1:${FIRST_PORT + i}`, `HostKey ${path}`];
  if (certified) lines.push(`HostCertificate ${path}-cert.pub`);
  lines.push(`AuthorizedKeysFile ${join(folder, 'authorized')}`, 'StrictModes no', 'UsePAM no', 'PidFile none', '');
  writeFileSync(`${path}.config`, lines.join('\n'));
  const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', `${path}.config`], { stdio: ['ignore', 'ignore', 'pipe'] });
  await once(child.stderr, 'data');
  children.push(child);
}
const env = { ...process.env, SSH_AUTH_SOCK: agent.socketPath };
for (const [i, { name: key, algorithm }] of SERVERS.entries()) {
  name = key;
  const target = ['-o', `HostKeyAlgorithms=${algorithm}`, '-p', String(FIRST_PORT + i), '127.0.0.1', 'true'];
  await promisify(execFile)('ssh', [...common, ...target], { env });
}
name = 'forwarded';
const far = ['ssh', ...common, '-p', String(FIRST_PORT + 1), '127.0.0.1', 'true'];
await promisify(execFile)('ssh', [...common, '-A', '-p', String(FIRST_PORT), '127.0.0.1', ...far], { env });
name = 'publickey';
const plain = ['-o', 'PubkeyAuthentication=unbound', '-p', String(FIRST_PORT), '127.0.0.1', 'true'];
await promisify(execFile)('ssh', [...common, ...plain], { env });

for (const child of children) child.kill();
await agent.close();
const version = execFileSync('sh', ['-c', 'ssh -V 2>&1'], { encoding: 'utf8' }).split(/[ ,]/)[0];
const certificate = readFileSync(join(folder, 'ed25519-cert-cert.pub'), 'utf8').split(' ')[1];
rmSync(folder, { recursive: true });
const out = { madeWith: version, userSeed: SEED, userPublicKey: PUBLIC, certificate, logins };
writeFileSync(new URL('fixtures/ssh-logins.json', import.meta.url), `${JSON.stringify(out, null, 2)}\n`);
