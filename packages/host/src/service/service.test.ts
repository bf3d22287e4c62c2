import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tempFolder } from '../testing/temp-folder.ts';
import { installService, serviceStatus, uninstallService, type ServiceOptions } from './index.ts';
import type { CommandLine } from './manager.ts';
import { serviceFile, serviceText } from './service-file.ts';

const plan = {
  node: '/usr/bin/node',
  program: '/opt/pälm "key"/100%/$x/palmkey.js',
  args: ['up', '--service', '--port', '7722'],
  home: '/home/ada/.local/state/palmkey & <co>',
};
let folder: ReturnType<typeof tempFolder>;
let ran: CommandLine[];
let answers: boolean;
beforeEach(() => {
  folder = tempFolder();
  ran = [];
  answers = true;
});
afterEach(() => folder[Symbol.dispose]());

const options = (platform: NodeJS.Platform = 'linux'): ServiceOptions => ({
  platform,
  userHome: folder.path,
  env: {},
  now: () => new Date('2026-11-21T01:02:03.456Z'),
  run: (command) => {
    ran.push(command);
    return Promise.resolve({ exit: answers ? 0 : 1, said: '' });
  },
});
const unit = () => join(folder.path, '.config/systemd/user/palmkey.service');
const all = () => readdirSync(folder.path, { recursive: true }).sort();

test('the systemd unit', () => {
  expect(serviceText('systemd', plan, { made: '/home/ada/.config' })).toMatchInlineSnapshot(`
    "# Palmkey: made by palmkey service install; palmkey service uninstall takes it away.
    [Unit]
    Description=Palmkey: ssh asks your phone
    Documentation=man:palmkey(1)
    After=network.target

    [Service]
    Type=exec
    Environment="PALMKEY_HOME=/home/ada/.local/state/palmkey & <co>"
    ExecStart="/usr/bin/node" "/opt/pälm \\"key\\"/100%%/$$x/palmkey.js" "up" "--service" "--port" "7722"
    Restart=on-failure
    RestartSec=2
    RestartPreventExitStatus=2 3 6
    TimeoutStopSec=15
    UMask=0077
    NoNewPrivileges=yes
    PrivateTmp=no
    LockPersonality=yes
    RestrictRealtime=yes
    RestrictSUIDSGID=yes
    SystemCallArchitectures=native

    [Install]
    WantedBy=default.target

    [X-Palmkey]
    Made=/home/ada/.config
    "
  `);
});

test('the launchd agent', () => {
  expect(serviceText('launchd', plan, { made: '/Users/a & b' })).toMatchInlineSnapshot(`
    "<?xml version="1.0" encoding="UTF-8"?>
    <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
    <!-- Palmkey: made by palmkey service install; palmkey service uninstall takes it away. -->
    <plist version="1.0">
    <dict>
      <key>Label</key>
      <string>palmkey.daemon</string>
      <key>ProgramArguments</key>
      <array>
        <string>/usr/bin/node</string>
        <string>/opt/pälm "key"/100%/$x/palmkey.js</string>
        <string>up</string>
        <string>--service</string>
        <string>--port</string>
        <string>7722</string>
      </array>
      <key>EnvironmentVariables</key>
      <dict>
        <key>PALMKEY_HOME</key>
        <string>/home/ada/.local/state/palmkey &amp; &lt;co&gt;</string>
      </dict>
      <key>RunAtLoad</key>
      <true/>
      <key>KeepAlive</key>
      <dict>
        <key>SuccessfulExit</key>
        <false/>
      </dict>
      <key>Umask</key>
      <integer>63</integer>
      <key>StandardOutPath</key>
      <string>/home/ada/.local/state/palmkey &amp; &lt;co&gt;/service.log</string>
      <key>StandardErrorPath</key>
      <string>/home/ada/.local/state/palmkey &amp; &lt;co&gt;/service.log</string>
      <key>PalmkeyMade</key>
      <string>/Users/a &amp; b</string>
    </dict>
    </plist>
    "
  `);
});

// Linux distributions without systemd have no such program; then the golden file above is all there is.
const systemd = existsSync('/usr/bin/systemd-analyze');
test.runIf(systemd)(
  `the unit passes systemd-analyze verify${systemd ? '' : ' (not run: there is no systemd-analyze here)'}`,
  () => {
    const program = folder.at('100% "k" $x é.sh');
    writeFileSync(program, '#!/bin/sh\n', { mode: 0o755 });
    const file = folder.at('palmkey.service');
    writeFileSync(file, serviceText('systemd', { ...plan, node: '/bin/sh', program }, { made: '/x' }));
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--user', '--man=no', file], {
      encoding: 'utf8',
      env: { ...process.env, XDG_RUNTIME_DIR: folder.path },
    });
    expect([status, stderr]).toEqual([0, '']);
  },
);

describe('installService', () => {
  test('writes the unit, starts it, and uninstall leaves what was there before', async () => {
    writeFileSync(folder.at('other'), '');
    const before = all();
    const report = await installService(plan, options());
    expect(report).toMatchObject({ changed: [unit()], backup: null, notRun: [] });
    expect(report.ran.map(({ command }) => command.join(' '))).toEqual([
      'systemctl --user daemon-reload',
      'systemctl --user enable --now palmkey.service',
    ]);
    expect(await serviceStatus(options())).toMatchObject({ installed: 'ours', active: true });
    ran = [];
    expect((await uninstallService(options())).changed).toEqual([unit()]);
    expect(ran.map((command) => command.join(' '))).toContain('systemctl --user disable --now palmkey.service');
    expect(all()).toEqual(before);
  });

  test('says which commands were not run where the manager does not answer', async () => {
    answers = false;
    const { ran: done, notRun } = await installService(plan, options());
    expect([done, notRun.length]).toEqual([[], 2]);
    expect(await serviceStatus(options())).toMatchObject({ installed: 'ours', active: null });
    // The person has run them: systemd links the unit.
    mkdirSync(join(dirname(unit()), 'default.target.wants'));
    symlinkSync(unit(), join(dirname(unit()), 'default.target.wants/palmkey.service'));
    await uninstallService(options());
    expect(all()).toEqual([]);
  });

  test('keeps a copy of an older one of ours, which goes with it', async () => {
    await installService(plan, options());
    const old = readFileSync(unit(), 'utf8');
    const { backup } = await installService({ ...plan, home: '/elsewhere' }, options());
    expect(readFileSync(backup ?? '', 'utf8')).toBe(old);
    expect((await installService({ ...plan, home: '/elsewhere' }, options())).changed).toEqual([]);
    await uninstallService(options());
    expect(all()).toEqual([]);
  });

  test.each([
    ['a file', () => writeFileSync(unit(), '[Unit]\nDescription=mine\n')],
    ['a link that leads nowhere', () => symlinkSync('/nowhere/at/all', unit())],
  ])('refuses to overwrite %s that is not ours', async (_, put) => {
    mkdirSync(dirname(unit()), { recursive: true });
    put();
    await expect(installService(plan, options())).rejects.toMatchObject({ code: 'not-our-service', path: unit() });
    expect(ran).toEqual([]);
    expect(all()).toHaveLength(4);
  });

  test('uninstall leaves one that is not ours', async () => {
    mkdirSync(dirname(unit()), { recursive: true });
    writeFileSync(unit(), 'mine');
    await expect(uninstallService(options())).rejects.toMatchObject({ code: 'not-our-service' });
    expect(readFileSync(unit(), 'utf8')).toBe('mine');
  });

  test('leaves the units and folders of others', async () => {
    mkdirSync(dirname(unit()), { recursive: true });
    writeFileSync(join(dirname(unit()), 'mine.service'), '');
    const before = all();
    await installService(plan, options());
    await uninstallService(options());
    expect(all()).toEqual(before);
  });

  test('on macOS writes an agent and asks launchctl', async () => {
    const { changed } = await installService(plan, options('darwin'));
    expect(changed).toEqual([serviceFile('launchd', options())]);
    expect(ran.at(-1)).toEqual(['launchctl', 'bootstrap', `gui/${process.getuid?.() ?? 0}`, ...changed]);
    await uninstallService(options('darwin'));
    expect(all()).toEqual([]);
  });

  test('elsewhere says that there is no way', async () => {
    await expect(installService(plan, options('win32'))).rejects.toMatchObject({ code: 'no-service-manager' });
  });
});
