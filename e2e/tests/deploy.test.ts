/** What stands in deploy/: that it names only what there is, and that what it starts serves. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environmentName, fileKey, resolveSettings, settingNames, settings } from '@palmkey/relay/settings';
import { WebSocket } from 'ws';
import { describe, expect, test } from 'vitest';
import { Child } from '../lib/child.ts';
import { freePort, tempFolder } from '../lib/temp.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const deploy = join(root, 'deploy');
const read = (...path: string[]) => readFileSync(join(deploy, ...path), 'utf8');
const has = (program: string) => spawnSync(program, ['--version']).error === undefined;

const known = new Set([
  'PALMKEY_RELAY_CONFIG',
  ...settingNames.map(environmentName),
  ...settingNames.filter((name) => settings[name].secret !== null).map((name) => environmentName(fileKey(name))),
]);

/** Instructions of the Dockerfile, those over several lines joined. */
const instructions = read('Dockerfile')
  .replaceAll(/ *\\\n */g, ' ')
  .split('\n')
  .filter((line) => /^[A-Z]+ /.test(line))
  .map((line) => line.split(' '));

function environmentOfImage(): Record<string, string> {
  const words = instructions.filter(([name]) => name === 'ENV').flatMap(([, ...pairs]) => pairs);
  return Object.fromEntries(words.map((pair) => pair.split('=', 2) as [string, string]));
}

describe('deploy', () => {
  const files = readdirSync(deploy, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());

  test.each(files.map(({ parentPath, name }) => join(parentPath, name).slice(deploy.length + 1)))(
    '%s sets only what a relay knows',
    (file) => {
      const named = read(file).match(/PALMKEY_RELAY_[A-Z_]+[A-Z]/g) ?? [];
      expect(named.filter((name) => !known.has(name))).toEqual([]);
    },
  );

  test.each(['one-node', 'three-nodes'])('compose of %s names files and variables that there are', (folder) => {
    const compose = read(folder, 'compose.yaml');
    const [, context = ''] = /context: (\S+)/.exec(compose) ?? [];
    const [, dockerfile = ''] = /dockerfile: (\S+)/.exec(compose) ?? [];
    expect(existsSync(join(deploy, folder, context, dockerfile))).toBe(true);
    for (const [, path = ''] of compose.matchAll(/^ +- (\.\/[^:]+):/gm)) {
      expect(existsSync(join(deploy, folder, path))).toBe(true);
    }
    const offered = [...read(folder, '.env.example').matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name).sort();
    const used = [...new Set([...compose.matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name))].sort();
    expect(used).toEqual(offered);
    const inCaddy = [...read(folder, 'Caddyfile').matchAll(/\{\$([A-Z_]+)\}/g)].map(([, name]) => name ?? '');
    for (const name of inCaddy) expect(compose).toContain(`${name}: $`);
    const services = [...compose.matchAll(/^ {2}([a-z0-9-]+):$/gm)].map(([, name]) => name);
    for (const [, name] of read(folder, 'Caddyfile').matchAll(/(relay[-\d]*):7722/g)) expect(services).toContain(name);
  });

  test('the image is built from what there is, with the manifest of every workspace', () => {
    const copied = instructions
      .filter(([name, first = '']) => name === 'COPY' && !first.startsWith('--'))
      .flatMap(([, ...words]) => words.slice(0, -1));
    for (const path of copied) expect([path, existsSync(join(root, path))]).toEqual([path, true]);
    const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { workspaces: string[] };
    const manifests = workspaces.flatMap((pattern) => foldersOf(pattern).map((folder) => `${folder}/package.json`));
    for (const manifest of manifests) expect(copied).toContain(manifest);
    const [, ...user] = instructions.filter(([name]) => name === 'USER').at(-1) ?? [];
    expect(user).toEqual(['node']);
  });

  test('what the image holds serves with nothing beside it, as its environment says', async () => {
    using folder = tempFolder();
    for (const [name, from = '', source = '', to = ''] of instructions) {
      if (name !== 'COPY' || from !== '--from=build') continue;
      const target = join(folder.path, to.endsWith('/') ? join(to, source.split('/').at(-1) ?? '') : to);
      mkdirSync(dirname(target), { recursive: true });
      cpSync(join(root, source.slice('/src/'.length)), target, { recursive: true });
    }
    bringSqlite(folder.path);
    const port = await freePort();
    const env = { ...environmentOfImage(), PALMKEY_HOME: join(folder.path, 'home'), PALMKEY_RELAY_PORT: String(port) };
    const program = join(folder.path, 'opt/palmkey/packages/cli/bin/palmkey.js');
    await using lost = new Child(process.execPath, [program, 'relay'], { env, cwd: '/' });
    expect(await lost.ended()).toBe(2);
    expect(lost.stderr).toContain('has to know by which address it is reached');
    const told = { ...env, PALMKEY_RELAY_PUBLIC_URL: 'https://relay.example.org' };
    await using relay = new Child(process.execPath, [program, 'relay'], { env: told, cwd: '/' });
    await relay.prints(/a computer joins with/);
    expect(await (await fetch(`http://127.0.0.1:${port}/health`)).json()).toMatchObject({ ok: true });
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toContain('<!doctype html>');
    // The check of the image's own, with the port of this test.
    const check = /CMD (\["node", "-e".*\])/.exec(read('Dockerfile'))?.[1]?.replace('7722', String(port)) ?? '[]';
    const [, ...words] = JSON.parse(check) as string[];
    expect(spawnSync(process.execPath, words).status).toBe(0);
    relay.kill('SIGTERM');
    expect(await relay.ended()).toBe(0);
    expect(spawnSync(process.execPath, words).status).toBe(1);
  });

  test('the example configuration is a good one, and the unit runs what there is', () => {
    const file = { path: '/etc/palmkey/relay.json', text: read('relay.example.json') };
    expect(resolveSettings({ flags: {}, env: {}, file, readSecret: () => '' }).problems).toEqual([]);
    for (const [, path = ''] of read('palmkey-relay.service').matchAll(/^Exec.*\/opt\/palmkey\/(\S+)/gm)) {
      expect(existsSync(join(root, path))).toBe(true);
    }
  });

  test.runIf(existsSync('/usr/bin/systemd-analyze'))('systemd takes the unit, and calls it well confined', () => {
    using folder = tempFolder();
    const unit = join(folder.path, 'palmkey-relay.service');
    // Node and the program stand elsewhere here.
    const program = join(root, 'packages/cli/bin/palmkey.js');
    const text = read('palmkey-relay.service').replaceAll('/opt/palmkey/packages/cli/bin/palmkey.js', program);
    writeFileSync(unit, text.replaceAll('/usr/bin/node', process.execPath));
    const verified = spawnSync('systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8' });
    expect([verified.status, verified.stderr]).toEqual([0, '']);
    const judged = spawnSync('systemd-analyze', ['security', '--offline=yes', '--threshold=25', unit], {
      encoding: 'utf8',
      env: { ...process.env, SYSTEMD_PAGER: '' },
    });
    expect([judged.status, judged.stdout.split('\n').at(-2)]).toEqual([0, expect.stringContaining('OK')]);
  });

  test.runIf(has('caddy'))(
    `a relay behind Caddy is reached over TLS by requests and WebSockets${has('caddy') ? '' : ' (not run: there is no caddy here)'}`,
    async () => {
      using folder = tempFolder();
      const [port, tls] = [await freePort(), await freePort()];
      const origin = `https://localhost:${tls}`;
      const home = join(folder.path, 'relay');
      const flags = ['--no-app', '--admission', 'members', '--trust-proxy', '--public-url', origin];
      const program = join(root, 'packages/cli/bin/palmkey.js');
      await using relay = new Child(process.execPath, [program, 'relay', '--port', String(port), ...flags], {
        env: { PALMKEY_HOME: home },
      });
      await relay.prints(/a computer joins with/);
      const env = {
        PALMKEY_DOMAIN: `localhost:${tls}`,
        PALMKEY_UPSTREAM: `127.0.0.1:${port}`,
        XDG_DATA_HOME: folder.path,
        XDG_CONFIG_HOME: folder.path,
      };
      const caddyfile = join(deploy, 'one-node', 'Caddyfile');
      const adapted = spawnSync('caddy', ['adapt', '--config', caddyfile], { env: { ...process.env, ...env } });
      const config = JSON.parse(adapted.stdout.toString()) as { apps: Record<string, unknown> };
      // Its own authority, which is not to be put among those that this machine trusts.
      config.apps.pki = { certificate_authorities: { local: { install_trust: false } } };
      const path = join(folder.path, 'caddy.json');
      writeFileSync(path, JSON.stringify({ ...config, admin: { disabled: true } }));
      await using caddy = new Child('caddy', ['run', '--config', path], { env });
      await caddy.prints(/serving initial configuration/);
      const authority = join(folder.path, 'caddy/pki/authorities/local/root.crt');
      await expect.poll(() => existsSync(authority), { timeout: 30_000 }).toBe(true);
      const ca = readFileSync(authority, 'utf8');
      await expect.poll(() => statusOf(`${origin}/health`, ca), { timeout: 30_000 }).toBe(200);
      expect(await statusOf(`${origin}/metrics`, ca)).toBe(404);
      const socket = new WebSocket(`wss://localhost:${tls}/v1/socket`, { ca });
      const challenge = await new Promise<Buffer>((resolve, reject) => {
        socket.once('message', (data: Buffer) => resolve(data));
        socket.once('error', reject);
      });
      expect(challenge[1]).toBe(16);
      socket.terminate();
    },
  );
});

function foldersOf(pattern: string): string[] {
  if (!pattern.endsWith('/*')) return [pattern];
  const parent = pattern.slice(0, -2);
  return readdirSync(join(root, parent))
    .map((name) => `${parent}/${name}`)
    .filter((folder) => existsSync(join(root, folder, 'package.json')));
}

/** Node 24, which the image has, brings SQLite; where these tests run, it may be a package. */
function bringSqlite(folder: string): void {
  if (process.getBuiltinModule('node:sqlite') !== undefined) return;
  for (const name of ['@photostructure/sqlite', 'node-gyp-build']) {
    cpSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), { recursive: true });
  }
}

/** The status of a request over TLS; undefined where there is no answer. */
function statusOf(url: string, ca: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const asked = request(url, { ca }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    asked.on('error', () => resolve(undefined));
    asked.end();
  });
}
