/** The programs beside `ssh`: what copies files over it, what manages the agent, what signs with it, and a client that is not OpenSSH. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { paths } from '@palmkey/host/control';
import { fingerprint, parseAuthorizedKey } from '@palmkey/core/ssh';
import { Client } from 'ssh2';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Child, runProgram } from '../lib/child.ts';
import { setUpstream } from '../../packages/host/src/upstream/upstream-setting.ts';
import { quoted, Servers } from '../lib/servers.ts';
import { answer, nothingAsks, readSlip } from '../lib/slip.ts';
import { Stage } from '../lib/stage.ts';

let stage: Stage;
let servers: Servers;
let agentSocket: string;
/** Files of 64 KiB and less, one with a name that a shell would take apart. */
let from: string;
let keyFile: string;
let before: number;

beforeAll(async () => {
  stage = await Stage.open();
  servers = await Servers.start(join(stage.folder, 'servers'), {
    home: stage.home,
    keyLines: [stage.keyLine],
    servers: { alpha: {}, beta: {} },
  });
  agentSocket = paths(stage.home).agentSocket;
  from = join(stage.folder, 'from');
  mkdirSync(from);
  writeFileSync(join(from, 'one'), Buffer.alloc(65_536, 'palm'));
  writeFileSync(join(from, "it's two"), 'two\n');
  keyFile = join(stage.folder, 'signer.pub');
  writeFileSync(keyFile, `${stage.keyLine}\n`);
});
afterAll(async () => {
  await servers[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});
beforeEach(async () => {
  before = (await stage.outcomes()).length;
});

const asked = async () => (await stage.outcomes()).slice(before);
const withAgent = (program: string, ...args: string[]): Promise<Child> =>
  runProgram(program, args, { env: { SSH_AUTH_SOCK: agentSocket } });

function expectCopied(to: string): void {
  expect(readdirSync(to).sort()).toEqual(readdirSync(from).sort());
  for (const name of readdirSync(from)) expect(readFileSync(join(to, name))).toEqual(readFileSync(join(from, name)));
}

describe('copies files with one login, named as what asks:', () => {
  let to: string;
  beforeEach(() => {
    to = join(stage.folder, `to-${before}`);
    mkdirSync(to);
  });

  async function copies(program: Child, name: string): Promise<void> {
    const slip = await answer(stage.page);
    expect(slip.title).toMatch(/^Log in to alpha\.example\.org as /);
    expect(slip.text).toMatch(new RegExp(`\\b${name} → ssh\\b`));
    expect(await program.ended(), program.output).toBe(0);
    expectCopied(to);
    expect(await asked()).toEqual(['approved']);
  }

  test('scp', async () => {
    const files = readdirSync(from).map((name) => join(from, name));
    await copies(servers.start([...files, `alpha:${to}/`], { program: 'scp' }), 'scp');
  });

  test('sftp with a batch', async () => {
    const batch = join(stage.folder, 'batch');
    writeFileSync(batch, `put "${from}/one" "${to}/"\nput "${from}/it's two" "${to}/"\nls -l "${to}"\n`);
    await copies(servers.start(['-b', batch, 'alpha'], { program: 'sftp' }), 'sftp');
  });

  test('rsync', async () => {
    const shell = `ssh -F ${servers.config}`;
    await copies(new Child('rsync', ['-a', '-e', shell, `${from}/`, `alpha:${to}/`]), 'rsync');
  });

  test('scp -3 between two servers asks for each', async () => {
    const copy = servers.start(['-3', `alpha:${from}/one`, `beta:${to}/one`], { program: 'scp' });
    const titles = [(await answer(stage.page)).title, (await answer(stage.page)).title].map(
      (title) => title.split(' ')[3],
    );
    expect(titles.sort()).toEqual(['alpha.example.org', 'beta.example.org']);
    expect(await copy.ended(), copy.output).toBe(0);
    expect(readFileSync(join(to, 'one'))).toEqual(readFileSync(join(from, 'one')));
  });
});

describe('ssh-add', () => {
  const listed = async () => (await withAgent('ssh-add', '-L')).stdout;
  const blob = () => stage.keyLine.split(' ')[1] ?? '';

  test('-l and -L list the key of the phone', async () => {
    const key = fingerprint(parseAuthorizedKey(stage.keyLine).blob);
    expect((await withAgent('ssh-add', '-l')).stdout).toMatch(
      new RegExp(`^256 ${key.replaceAll(/[+/]/g, '\\$&')} .*\\(ED25519\\)\n$`),
    );
    expect(await listed()).toContain(blob());
  });

  test('-T, which signs a test of its own, is refused and asks nobody', async () => {
    expect((await withAgent('ssh-add', '-T', keyFile)).exitCode).not.toBe(0);
    await nothingAsks(stage.page);
  });

  test('of a key in a file puts no private key into Palmkey', async () => {
    const file = join(stage.folder, 'added');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
    expect((await withAgent('ssh-add', file)).exitCode).toBe(1);
    expect(await listed()).not.toContain(readFileSync(`${file}.pub`, 'utf8').split(' ')[1]);
  });

  test('-d and -D take no key from the phone', async () => {
    await withAgent('ssh-add', '-d', keyFile);
    await withAgent('ssh-add', '-D');
    expect(await listed()).toContain(blob());
  });

  test('-x locks: nothing is listed and nobody asked, until -X', async () => {
    const word = join(stage.folder, 'askpass');
    writeFileSync(word, '#!/bin/sh\necho correct horse\n', { mode: 0o700 });
    const locks = (flag: string) =>
      runProgram('ssh-add', [flag], {
        env: { SSH_AUTH_SOCK: agentSocket, SSH_ASKPASS: word, SSH_ASKPASS_REQUIRE: 'force', DISPLAY: ':0' },
      });
    expect((await locks('-x')).exitCode).toBe(0);
    expect(await listed()).toMatch(/no identities/);
    expect(await servers.start(['alpha', 'true']).ended()).toBe(255);
    expect((await locks('-X')).exitCode).toBe(0);
    expect(await listed()).toContain(blob());
    expect(await asked()).toEqual([]);
  });
});

describe('with the person’s own ssh-agent behind Palmkey, ssh-add', () => {
  let own: Child;
  let file: string;
  const listed = async () => (await withAgent('ssh-add', '-L')).stdout.split('\n').map((line) => line.split(' ')[1]);
  const blobOf = (line: string) => line.split(' ')[1];

  beforeAll(async () => {
    file = join(stage.folder, 'own');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
    const socket = join(stage.folder, 'own.sock');
    own = new Child('ssh-agent', ['-D', '-a', socket]);
    await own.prints(/SSH_AUTH_SOCK/);
    setUpstream(stage.home, { is: 'path', path: socket });
  });
  afterAll(async () => {
    setUpstream(stage.home, { is: 'none' });
    await own[Symbol.asyncDispose]();
  });

  test('adds a key there, and a login with it asks no phone', async () => {
    expect((await withAgent('ssh-add', file)).exitCode).toBe(0);
    const ours = readFileSync(`${file}.pub`, 'utf8').trim();
    expect(await listed()).toEqual(expect.arrayContaining([blobOf(stage.keyLine), blobOf(ours)]));
    servers.get('beta').authorize([ours]);
    const ssh = servers.start(['beta', 'echo', 'in']);
    expect(await ssh.ended(), ssh.output).toBe(0);
    expect(await asked()).toEqual([]);
    await nothingAsks(stage.page);
  });

  test('-D empties that one, and takes no key from the phone', async () => {
    await withAgent('ssh-add', '-D');
    const left = await listed();
    expect(left).toContain(blobOf(stage.keyLine));
    expect(left).not.toContain(blobOf(readFileSync(`${file}.pub`, 'utf8')));
  });
});

describe('ssh-keygen -Y sign', () => {
  const sign = (namespace: string, file: string) =>
    withAgent('ssh-keygen', '-Y', 'sign', '-n', namespace, '-f', keyFile, file);

  test('-n file asks with the namespace and the hash, by a hold, and what is signed verifies', async () => {
    const file = join(stage.folder, 'release.txt');
    writeFileSync(file, 'release 1\n');
    const signing = sign('file', file);
    const slip = await readSlip(stage.page);
    expect(slip.unusual).toBe(true);
    expect(slip.text).toMatch(/\bfile\b/);
    await answer(stage.page);
    expect((await signing).exitCode, (await signing).output).toBe(0);
    const allowed = join(stage.folder, 'allowed');
    writeFileSync(allowed, `me@example.org ${stage.keyLine}\n`);
    const verify = (input: string) =>
      runProgram('sh', [
        '-c',
        `ssh-keygen -Y verify -f ${quoted(allowed)} -I me@example.org -n file -s ${quoted(`${file}.sig`)} < ${quoted(input)}`,
      ]);
    expect((await verify(file)).stdout).toMatch(/^Good "file" signature for me@example\.org/);
    expect((await verify(keyFile)).exitCode).not.toBe(0);
  });

  test('-n file that is rejected makes no signature', async () => {
    const file = join(stage.folder, 'rejected.txt');
    writeFileSync(file, 'release 2\n');
    const signing = sign('file', file);
    await answer(stage.page, 'reject');
    expect((await signing).exitCode).not.toBe(0);
    expect(existsSync(`${file}.sig`)).toBe(false);
  });

  test('-n git is refused: a phone that sees a hash alone cannot show the commit', async () => {
    const file = join(stage.folder, 'commit');
    writeFileSync(file, 'tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n');
    expect((await sign('git', file)).exitCode).not.toBe(0);
    expect(existsSync(`${file}.sig`)).toBe(false);
    await nothingAsks(stage.page);
    expect(await asked()).toEqual([]);
  });
});

test('a client that binds nothing is shown as one whose server nobody proved, and wants a hold', async () => {
  const { port, user } = servers.get('alpha');
  const client = new Client();
  const output = new Promise<string>((resolve, reject) => {
    client.once('error', reject);
    client.once('ready', () => {
      client.exec('echo in', (error, stream) => {
        if (error !== undefined) return reject(error);
        let text = '';
        stream.on('data', (chunk: Buffer) => (text += chunk.toString())).on('close', () => resolve(text));
      });
    });
  });
  client.connect({ host: '127.0.0.1', port, username: user, agent: agentSocket });
  const slip = await answer(stage.page);
  expect(slip.title).toBe(`Log in to a server without a name as ${user}`);
  expect(slip.fact('Host key')).toBe('No server shown');
  expect(slip.unusual).toBe(true);
  expect(slip.text).toMatch(/no server shown/i);
  expect(await output).toBe('in\n');
  client.end();
  expect(await asked()).toEqual(['approved']);
});
