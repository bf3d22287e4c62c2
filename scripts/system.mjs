// Brings what the tests need from Debian's packages, or says exactly what is missing.
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fail, run, say } from './lib.mjs';

const needed = [
  { package: 'openssh-client', program: 'ssh' },
  { package: 'openssh-server', program: 'sshd' },
  { package: 'chromium', program: 'chromium' },
  { package: 'git', program: 'git' },
  { package: 'rsync', program: 'rsync' },
  { package: 'nats-server', program: 'nats-server' },
  { package: 'mosquitto', program: 'mosquitto' },
  { package: 'postgresql', program: 'postgres' },
  // Without any font a page has no widths to measure.
  { package: 'fonts-dejavu-core', path: '/usr/share/fonts/truetype/dejavu' },
];

/** Debian keeps the programs of each version of PostgreSQL apart, outside of PATH. */
const postgresql = '/usr/lib/postgresql';

function find(program) {
  const versions = existsSync(postgresql) ? readdirSync(postgresql) : [];
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/sbin',
    '/sbin',
    ...versions.map((version) => join(postgresql, version, 'bin')),
  ];
  return folders.some((folder) => existsSync(join(folder, program)));
}

function isThere({ program, path }) {
  return path === undefined ? find(program) : existsSync(path);
}

export async function system() {
  let missing = needed.filter((need) => !isThere(need));
  if (missing.length === 0) return;
  const names = missing.map((m) => m.package);
  if (process.getuid?.() === 0 && find('apt-get')) {
    say(`Palmkey ▶ installing ${names.join(', ')} for the tests…`);
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['update', '-qq'], { env, toStderr: true });
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], { env, toStderr: true });
    missing = needed.filter((need) => !isThere(need));
  }
  if (missing.length > 0) {
    fail(
      `the tests need ${missing.map((m) => `${m.program ?? m.path} (package ${m.package})`).join(', ')}`,
      `As root: apt-get install ${missing.map((m) => m.package).join(' ')}`,
    );
  }
}
