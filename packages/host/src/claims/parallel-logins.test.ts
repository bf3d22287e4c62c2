/** Real ssh, many at once to one server under different names: each has to be taken for what it is. */
import { existsSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fingerprint } from '@palmkey/core/ssh';
import { startAgent } from '../ssh-agent/agent.ts';
import { realSshd, withAgent } from '../testing/real-ssh.ts';
import { tempFolder } from '../testing/temp-folder.ts';
import { testUserKey } from '../testing/user-key.ts';
import { Claims } from './claims.ts';
import { writeKnownHostsCommand } from './known-hosts-command.ts';

const hasSs = ['/usr/bin/ss', '/bin/ss', '/usr/sbin/ss', '/sbin/ss'].some((path) => existsSync(path));

test.runIf(hasSs)('eight logins at once to one server, each under its own name', { timeout: 60_000 }, async () => {
  using folder = tempFolder();
  await using sshd = await realSshd(folder.at('sshd'), ['MaxStartups 100']);
  // A key of its own for each login tells which one a sign request is of.
  const keys = Array.from({ length: 8 }, (_, i) => testUserKey('ssh-ed25519', `h${i}`));
  sshd.authorize(keys.map(({ line }) => line));
  for (const { comment, line } of keys) writeFileSync(folder.at(`${comment}.pub`), `${line}\n`);
  const [claimsFile, script] = [folder.at('claims'), folder.at('script')];
  writeKnownHostsCommand(script, claimsFile);
  using claims = new Claims({ path: claimsFile });
  const shown: (readonly [meant: string | undefined, name: string | undefined])[] = [];
  await using agent = await startAgent({
    socketPath: folder.at('run/agent.sock'),
    keys: () => keys,
    claims,
    sign: ({ key, data, host }) => {
      const holder = keys.find(({ blob }) => fingerprint(blob) === fingerprint(key));
      shown.push([holder?.comment, host?.name]);
      return Promise.resolve({ is: 'signed', signature: holder?.sign(data) ?? new Uint8Array() });
    },
  });
  const common = ['-F', 'none', '-p', String(sshd.port), '-o', 'StrictHostKeyChecking=no', '-o', 'BatchMode=yes'];
  const ours = ['-o', 'IdentitiesOnly=yes', '-o', `KnownHostsCommand=${script} %I %H %t %K`];
  const login = ({ comment: name }: (typeof keys)[number]) => {
    const own = ['-o', `HostKeyAlias=${name}`, '-o', `IdentityFile=${folder.at(`${name}.pub`)}`];
    const known = ['-o', `UserKnownHostsFile=${folder.at(`${name}.known`)}`];
    return withAgent(agent.socketPath, 'ssh', [...common, ...ours, ...own, ...known, `${sshd.user}@127.0.0.1`, 'true']);
  };
  const codes = (await Promise.all(keys.map(login))).map(({ code }) => code);
  expect(codes).toEqual(keys.map(() => 0));
  expect(shown.toSorted()).toEqual(keys.map(({ comment }) => [comment, comment]));
});
