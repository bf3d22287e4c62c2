import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { version } from './version.ts';

const execute = promisify(execFile);
const cli = fileURLToPath(new URL('..', import.meta.url));
const bin = join(cli, 'bin', 'palmkey.js');
let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'palmkey-bundle-'));
  if (!existsSync(join(cli, 'dist', 'main.js'))) await execute(process.execPath, [join(cli, 'build.mjs')]);
}, 60_000);
afterAll(() => rm(home, { recursive: true }));

async function palmkey(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return await execute(process.execPath, [bin, ...argv], {
    env: { PATH: process.env.PATH, HOME: home, PALMKEY_HOME: home },
  }).then(
    (done) => ({ code: 0, ...done }),
    (error: unknown) => error as { code: number; stdout: string; stderr: string },
  );
}

describe('the bundle', () => {
  it('tells its version, which is the package’s', async () => {
    const manifest = JSON.parse(readFileSync(join(cli, 'package.json'), 'utf8')) as { version: string };
    expect(version).toBe(manifest.version);
    expect(await palmkey('--version')).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('ends with the documented codes, without colours in a pipe', async () => {
    expect(await palmkey('nonsense')).toMatchObject({ code: 2, stdout: '' });
    expect((await palmkey('status')).stderr).toBe(
      'palmkey: it is not running on this computer\n  Start it with npx palmkey up (npm start in a clone)\n',
    );
  });

  it('loads relay and ssh only where they are needed', () => {
    const main = readFileSync(join(cli, 'dist', 'main.js'), 'utf8');
    expect(main).not.toMatch(/node_modules\/(fastify|ssh2|kysely|ws|qr|@clack)\//);
    expect(readdirSync(join(cli, 'dist')).some((name) => name.startsWith('try-server'))).toBe(true);
  });

  it('relay alone: serves, says how to join, ends on SIGTERM with 0', async () => {
    const store = join(home, 'relay.sqlite');
    const child = spawn(process.execPath, [bin, 'relay', '--port', '0', '--no-app', '--store', store], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
    await expect.poll(() => said, { timeout: 10_000 }).toContain('--relay');
    const [, url = ''] = /palmkey up --relay (\S+)/.exec(said) ?? [];
    expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ ok: true });
    expect((await stat(store)).mode & 0o077).toBe(0);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
