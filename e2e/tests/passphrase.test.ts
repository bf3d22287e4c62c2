/** The passphrase of a computer's keys, as a person meets it: the real command, terminal, daemon, phone and sshd. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { paths } from '@palmkey/host/control';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { approve } from '../lib/approve.ts';
import { Child } from '../lib/child.ts';
import { palmkey, palmkeyBin, startPalmkey } from '../lib/palmkey.ts';
import { Stage } from '../lib/stage.ts';

const first = 'four words by chance';
const second = 'other words by chance';
const locked = 'Palmkey ▶ locked: palmkey unlock opens it, going on with local keys';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open({ localKey: true });
});
afterAll(() => stage[Symbol.asyncDispose]());

/** A command in a terminal of its own. */
function inTerminal(...args: string[]): Child {
  const quoted = [process.execPath, palmkeyBin, ...args, '--home', stage.home].map((word) => `'${word}'`).join(' ');
  return new Child('script', ['-qefc', quoted, '/dev/null'], {
    stdin: 'pipe',
    env: { NO_COLOR: '1', NODE_OPTIONS: undefined, SSH_AUTH_SOCK: undefined },
  });
}

/** The same with what is typed at each question, in turn. */
async function dialogue(args: readonly string[], ...turns: readonly (readonly [RegExp, string])[]): Promise<Child> {
  const child = inTerminal(...args);
  let from = 0;
  for (const [question, answer] of turns) {
    const [said] = await child.prints(new RegExp(`^[^]{${from}}[^]*?${question.source}`));
    from = said.length;
    child.write(`${answer}\r`);
  }
  await child.ended();
  return child;
}

async function restart(): Promise<void> {
  await stage.daemon[Symbol.asyncDispose]();
  stage.startHost();
  await stage.daemon.child.prints(/Ctrl-C stops/);
}

const status = async () => (await palmkey(stage.home, 'status')).stdout;
const deviceFile = () => readFileSync(paths(stage.home).device, 'utf8');

async function loginIsRefused(): Promise<void> {
  const before = stage.accepted();
  const login = stage.login();
  expect(await login.ended()).toBe(0);
  expect(login.output).toContain(locked);
  expect(login.output).toContain('logged-in');
  expect(stage.accepted()).toBe(before + 1);
  expect((await stage.log()).findLast(({ kind }) => kind === 'login')).toMatchObject({ code: 'keys-locked' });
}

async function loginIsAsked(): Promise<void> {
  const login = stage.login();
  await approve(stage.page);
  expect(await login.ended()).toBe(0);
  expect(login.output).toContain('Palmkey ▶ approved');
}

test('a passphrase that is too short, or typed in two ways, is asked for again, and nothing of it is shown', async () => {
  const plain = deviceFile();
  const set = await dialogue(
    ['passphrase'],
    [/New passphrase: /, 'short 7'],
    [/New passphrase: /, first],
    [/Once more: /, second],
    [/New passphrase: /, first],
    [/Once more: /, first],
  );
  expect(set.exitCode).toBe(0);
  expect(set.output).toMatch(/at least 8 characters[^]*two different ones[^]*Set: this computer’s keys are locked/);
  for (const typed of ['short 7', first, second]) expect(set.output).not.toContain(typed);
  const { signing, agreement } = JSON.parse(plain) as { signing: string; agreement: string };
  for (const secret of [signing, agreement]) expect(deviceFile()).not.toContain(secret);
  await loginIsAsked();
});

test('after a restart a login says that the keys are locked, and goes on to local keys', async () => {
  await restart();
  expect(await status()).toMatch(/keys +locked +nobody is asked before palmkey unlock/);
  expect(stage.daemon.child.output).toMatch(/npx palmkey unlock|palmkey unlock/);
  await loginIsRefused();
  const pair = await palmkey(stage.home, 'pair');
  expect([pair.exitCode, pair.stderr]).toEqual([3, expect.stringMatching(/keys are locked\n.*unlock asks for/)]);
  const doctor = await palmkey(stage.home, 'doctor');
  expect([doctor.exitCode, doctor.stdout]).toEqual([
    1,
    expect.stringContaining('its keys are locked by the passphrase'),
  ]);
});

test('three wrong passphrases end the command, and the daemon waits on', async () => {
  const tried = await dialogue(
    ['unlock'],
    [/Passphrase: /, 'not these words'],
    [/Passphrase: /, 'nor these words'],
    [/Passphrase: /, 'and not these'],
  );
  expect(tried.exitCode).toBe(6);
  expect(tried.output).toMatch(/2 more tries[^]*One more try[^]*that is not the passphrase/);
  expect(await status()).toMatch(/keys +locked/);
});

test('the passphrase typed in a terminal unlocks it, and the phone is asked again', async () => {
  const opened = await dialogue(['unlock'], [/Passphrase: /, first]);
  expect([opened.exitCode, opened.output]).toEqual([
    0,
    expect.stringContaining('Unlocked: this computer asks your phone'),
  ]);
  expect(opened.output).not.toContain(first);
  await loginIsAsked();
  expect(await status()).toMatch(/keys +unlocked, by a passphrase/);
});

test('lock makes it forget, and a program unlocks it with a line', async () => {
  const lock = await palmkey(stage.home, 'lock');
  expect([lock.exitCode, lock.stdout]).toEqual([0, expect.stringContaining('Locked: this computer asks nobody')]);
  await loginIsRefused();
  const unattended = await palmkey(stage.home, 'unlock');
  expect([unattended.exitCode, unattended.stderr]).toEqual([2, expect.stringContaining('nobody here to type')]);
  const opened = startPalmkey(stage.home, 'unlock', '--stdin');
  opened.write(`${first}\n`);
  expect(await opened.ended()).toBe(0);
  await loginIsAsked();
});

test('it is changed: a wrong one is asked for again, and from then on only the new one opens it', async () => {
  const changed = await dialogue(
    ['passphrase'],
    [/as it is now: /, 'not these words'],
    [/New passphrase: /, second],
    [/Once more: /, second],
    [/as it is now: /, first],
  );
  expect([changed.exitCode, changed.output]).toEqual([0, expect.stringMatching(/2 more tries[^]*Changed\./)]);
  await restart();
  const old = startPalmkey(stage.home, 'unlock', '--stdin');
  old.write(`${first}\n`);
  expect(await old.ended()).toBe(6);
  const opened = startPalmkey(stage.home, 'unlock', '--stdin');
  opened.write(`${second}\n`);
  expect(await opened.ended()).toBe(0);
  await loginIsAsked();
});

test('up in a terminal asks by itself, and shows the computer as it is then', async () => {
  await stage.daemon[Symbol.asyncDispose]();
  await using up = inTerminal('up', '--no-try', '--port', String(stage.port));
  await up.prints(/Passphrase \(Enter: later\): /);
  up.write(`${second}\r`);
  await up.prints(/Pixel +here/);
  expect(up.output).not.toMatch(/locked|words by chance/);
  await loginIsAsked();
  up.write('\u0003');
  expect(await up.ended()).toBe(0);
});

test('a program that is killed while it changes the file leaves one that opens', async () => {
  const before = deviceFile();
  // Killed with the new file written and the old one in its place still.
  const fault = `
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    const rename = fs.renameSync;
    fs.renameSync = (from, to) => {
      if (to.endsWith('device.json')) process.kill(process.pid, 'SIGKILL');
      rename(from, to);
    };
    syncBuiltinESMExports();`;
  const child = spawn(
    process.execPath,
    [
      '--import',
      `data:text/javascript,${encodeURIComponent(fault)}`,
      palmkeyBin,
      'passphrase',
      '--remove',
      '--stdin',
      '--home',
      stage.home,
    ],
    { stdio: ['pipe', 'ignore', 'ignore'] },
  );
  child.stdin.end(`${second}\n`);
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
  expect(deviceFile()).toBe(before);
  const half = `${paths(stage.home).device}.next`;
  expect(readFileSync(half, 'utf8')).toContain('"signing"');
  stage.startHost();
  await stage.daemon.child.prints(/Ctrl-C stops/);
  expect(() => readFileSync(half)).toThrow('ENOENT');
  expect(await status()).toMatch(/keys +locked/);
});

test('it is removed, without a daemon too, and a restart asks for nothing', async () => {
  const removed = await dialogue(['passphrase', '--remove'], [/as it is now: /, second]);
  expect([removed.exitCode, removed.output]).toEqual([0, expect.stringContaining('stand on its disk in the open')]);
  await loginIsAsked();
  await restart();
  await loginIsAsked();
  const none = await palmkey(stage.home, 'lock');
  expect([none.exitCode, none.stderr]).toEqual([3, expect.stringContaining('no passphrase is set')]);
});
