/** The service: what is installed, and that what it starts runs without a terminal. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Child } from '../lib/child.ts';
import { type FakeHome, fakeHome, put } from '../lib/fake-home.ts';
import { freePort } from '../lib/temp.ts';

let home: FakeHome;
beforeEach(() => void (home = fakeHome()));
afterEach(() => home[Symbol.dispose]());

const unit = () => join(home.path, '.config/systemd/user/palmkey.service');
const verified = existsSync('/usr/bin/systemd-analyze');

describe('service install', () => {
  test('writes the unit, and without a service manager says the two commands to run', async () => {
    const done = await home.run('service', 'install', '--port', '7799');
    expect(done.exitCode).toBe(0);
    expect(done.stdout).toContain('Wrote ~/.config/systemd/user/palmkey.service');
    // The test's home is not the account's: its manager, if there is one, is not to be told of it.
    expect(done.stdout).toContain('Not run here, so run these yourself:');
    expect(done.stdout).toMatch(
      / {2}systemctl --user daemon-reload\n {2}systemctl --user enable --now palmkey.service\n/,
    );
    expect((await home.run('service', 'status')).stdout).toContain('the service manager does not answer here');
    const again = await home.run('service', 'install', '--port', '7799');
    expect(again.stdout).toContain('The service is as it should be already.');
  });

  test.runIf(verified)(
    `the unit is one that systemd takes${verified ? '' : ' (not run: there is no systemd-analyze here)'}`,
    async () => {
      await home.run('service', 'install');
      const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--user', '--man=no', unit()], {
        encoding: 'utf8',
        env: { ...process.env, XDG_RUNTIME_DIR: home.path },
      });
      expect([status, stderr]).toEqual([0, '']);
    },
  );

  test('what the unit starts serves, says so in lines, and ends on SIGTERM with 0', async () => {
    const port = await freePort();
    await home.run('service', 'install', '--port', String(port));
    const text = readFileSync(unit(), 'utf8');
    const [node = '', ...args] = [...(/^ExecStart=(.*)$/m.exec(text)?.[1] ?? '').matchAll(/"([^"]*)"/g)].map(
      ([, word = '']) => word,
    );
    const [, state = ''] = /^Environment="PALMKEY_HOME=([^"]*)"$/m.exec(text) ?? [];
    expect(state).toBe(home.state);
    // As the service manager does: hardly any environment, no input.
    await using service = new Child(node, args, {
      cwd: '/',
      env: { HOME: home.path, PALMKEY_HOME: state, NODE_OPTIONS: undefined, TERM: undefined },
      stdin: 'ignore',
    });
    await service.prints(/connected/);
    for (const word of ['\u001b', 'pair#', 'Ctrl-C']) expect(service.output).not.toContain(word);
    expect(service.output).toMatch(/^Palmkey \S+ on [^\n]+\nrelay http:\/\/localhost:\d+: connect/);
    expect((await home.run('status', '--json')).exitCode).toBe(0);
    service.kill('SIGTERM');
    expect(await service.ended()).toBe(0);
    expect(service.output).toContain('Stopping…');
  });

  test('a unit of the person’s own is left, and uninstall leaves it too', async () => {
    put(home.path, '.config/systemd/user/palmkey.service', '[Unit]\nDescription=mine\n');
    const before = home.manifest();
    const refused = await home.run('service', 'install');
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain('was not written by Palmkey, so it was left alone');
    expect((await home.run('service', 'uninstall')).exitCode).toBe(1);
    expect((await home.run('uninstall', '--yes')).exitCode).toBe(0);
    expect(home.manifest()).toEqual(before);
  });

  test('uninstall takes exactly its files', async () => {
    const before = home.manifest();
    await home.run('service', 'install');
    writeFileSync(unit(), `${readFileSync(unit(), 'utf8')}# by hand\n`);
    const again = await home.run('service', 'install');
    expect(again.stdout).toContain('Kept the old one as');
    expect((await home.run('service', 'uninstall')).exitCode).toBe(0);
    expect(home.manifest()).toEqual(before);
  });

  test('checks what up would be told', async () => {
    const refused = await home.run('service', 'install', '--port', 'x');
    expect(refused.exitCode).toBe(2);
    expect(existsSync(unit())).toBe(false);
  });
});
