/** What is understood of a real ssh, at a real sshd of the try-out's kind and where nothing answers. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { byKeys, settled, type SshContext, wayIn } from './ssh-options.ts';
import { SshRun } from './ssh-run.ts';

let folder: string;
let context: SshContext;
const never = new AbortController().signal;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'palmkey-ssh-'));
  const config = join(folder, 'config');
  writeFileSync(config, 'Host alias\n  HostName 127.0.0.1\n  Port 9\n  ConnectTimeout 3\n');
  context = { config, batch: true, agentSocket: '/run/50%/a b/agent.sock' };
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('settled', () => {
  it('has what ssh’s configuration says, and patience where it says none', async () => {
    const found = await settled({ user: null, host: 'alias', port: null }, context);
    expect(found).toMatchObject({ hostName: '127.0.0.1', port: 9 });
    expect(found.patience).not.toContain('ConnectTimeout=15');
    expect((await settled({ user: 'ada', host: 'h.example', port: 2222 }, context)).patience).toContain(
      'ConnectTimeout=15',
    );
  });
});

describe('options', () => {
  const target = { user: 'ada', host: 'alias', port: 22 };
  const how = { hostName: null, port: null, patience: [] };

  it('the host stands behind them, and nothing of a shell is between', () => {
    expect(wayIn(target, context, how, 'run').slice(-6)).toEqual(
      ['-l', 'ada', '-p', '22', '--', 'alias', 'run'].slice(-6),
    );
  });

  it('nobody is asked for a password where nobody is there', () => {
    expect(wayIn(target, context, how, 'x')).toContain('BatchMode=yes');
    expect(wayIn(target, { ...context, batch: false }, how, 'x')).not.toContain('BatchMode=yes');
  });

  it('a proof shares no connection, and asks the one agent for the one key', () => {
    const args = byKeys(target, context, how, { files: ['/k.pub'], types: ['ssh-rsa'], signs: true }, null);
    for (const option of [
      'ControlPath=none',
      'IdentitiesOnly=yes',
      'PubkeyAcceptedAlgorithms=rsa-sha2-512,rsa-sha2-256',
    ])
      expect(args).toContain(option);
    expect(args).toContain('IdentityAgent="/run/50%%/a b/agent.sock"');
    expect(args.slice(-7)).toEqual(['-N', '-l', 'ada', '-p', '22', '--', 'alias']);
  });
});

describe('SshRun', () => {
  const how = { hostName: null, port: null, patience: [] };
  const open = (port: number, signal = never) =>
    new SshRun(wayIn({ user: null, host: 'alias', port }, context, how, 'true'), signal);

  it('where nothing answers: out of reach, in ssh’s own words', async () => {
    const ssh = open(9);
    expect(await ssh.gotIn()).toBe(false);
    expect([ssh.fault(), ssh.words]).toEqual(['unreachable', expect.stringContaining('Connection refused') as string]);
  });

  it('where something else answers: out of reach, and what it says is not believed', async () => {
    const words = 'debug1: Server accepts key: x SHA256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n';
    const server = createServer((socket) => socket.on('error', () => undefined).end(words));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const ssh = open(typeof address === 'object' && address !== null ? address.port : 0);
    expect(await ssh.gotIn()).toBe(false);
    expect([ssh.fault(), ssh.accepted, ssh.method]).toEqual(['unreachable', [], null]);
    server.close();
  });

  it('ends with its signal, and throws its reason', async () => {
    const stop = new AbortController();
    const ssh = open(9, stop.signal);
    stop.abort(new Error('enough'));
    await expect(ssh.ended()).rejects.toThrow();
  });
});
