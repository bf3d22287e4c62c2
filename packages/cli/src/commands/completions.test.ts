import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../run.ts';
import { testCli } from '../testing/test-cli.ts';

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'palmkey-completions-'))));
afterAll(() => rmSync(folder, { recursive: true }));

async function printed(...argv: string[]): Promise<string> {
  const cli = testCli();
  expect(await run(argv, cli)).toBe(0);
  return cli.printed();
}

const has = (program: string) => spawnSync(program, ['--version']).error === undefined;

describe('bash', () => {
  let script: string;
  beforeAll(async () => {
    script = join(folder, 'palmkey.bash');
    writeFileSync(script, await printed('completions', 'bash'));
  });

  /** What a real bash offers after these words. */
  function offered(...words: string[]): string[] {
    const line = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _palmkey; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-uc', line, 'bash', script, 'palmkey', ...words], {
      encoding: 'utf8',
      cwd: folder,
    });
    expect(stderr).toBe('');
    return stdout.split('\n').filter(Boolean);
  }

  it.runIf(has('bash'))('offers commands, those below them, options and their values', () => {
    expect(offered('un')).toEqual(['unpair', 'unlock', 'uninstall']);
    expect(offered('')).toContain('doctor');
    expect(offered('service', '')).toEqual(['install', 'uninstall', 'status']);
    expect(offered('keys', 'copy', '--')).toEqual(expect.arrayContaining(['--dry-run', '--key', '--home', '--help']));
    expect(offered('log', '-')).toEqual(expect.arrayContaining(['-n', '--limit', '--json']));
    expect(offered('relay', '--admission', '')).toEqual(['open', 'members']);
    expect(offered('relay', 'inv')).toEqual(['invite', 'invitations']);
    expect(offered('relay', 'remove', '--a')).toEqual(['--account']);
    expect(offered('completions', 'f')).toEqual(['fish']);
  });

  it.runIf(has('bash'))('passes over values, and offers files for folders', () => {
    expect(offered('--home', 'keys', 'ser')).toEqual(['service']);
    expect(offered('status', '--home', 'palm')).toEqual(['palmkey.bash']);
    expect(offered('log', '--limit', '')).toEqual([]);
    expect(offered('status', '')).toEqual([]);
  });
});

describe.each(['zsh', 'fish'])('%s', (shell) => {
  it('names every command', async () => {
    const script = await printed('completions', shell);
    for (const command of ['doctor', 'uninstall', 'service', 'copy']) expect(script).toContain(command);
  });

  it.runIf(has(shell))(`is read by ${shell}${has(shell) ? '' : ' (not run: it is not installed here)'}`, async () => {
    const path = join(folder, `palmkey.${shell}`);
    writeFileSync(path, await printed('completions', shell));
    expect(spawnSync(shell, ['-n', path], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });
});

it('refuses another shell', async () => {
  const cli = testCli();
  expect(await run(['completions', 'tcsh'], cli)).toBe(2);
});

describe('man', () => {
  it('has every command, its options, and the sections that people look up', async () => {
    const page = await printed('man');
    for (const word of [
      '.SH "EXIT STATUS"',
      '.SH FILES',
      '.SH ENVIRONMENT',
      '.SH EXAMPLES',
      'PALMKEY_HOME',
      'palmkey keys copy',
      'palmkey keys replace',
      'palmkey relay\\fR',
      'palmkey relay invite',
      '\\-\\-github\\-secret\\-file',
      '\\-\\-dry\\-run',
    ])
      expect(page).toContain(word);
    // eslint-disable-next-line no-control-regex -- ASCII is what is looked for
    expect(page).toMatch(/^[\x00-\x7f]*$/);
  });

  it.runIf(has('groff'))(
    `renders without a warning${has('groff') ? '' : ' (not run: there is no groff here)'}`,
    async () => {
      const rendered = spawnSync('groff', ['-ww', '-man', '-Tutf8', '-K', 'utf8'], {
        input: await printed('man'),
        encoding: 'utf8',
      });
      expect([rendered.status, rendered.stderr]).toEqual([0, '']);
      expect(rendered.stdout).toContain('palmkey');
    },
  );

  it.runIf(has('man'))(`is read by man itself${has('man') ? '' : ' (not run: there is no man here)'}`, async () => {
    const path = join(folder, 'palmkey.1');
    writeFileSync(path, await printed('man'));
    const env = { ...process.env, MANWIDTH: '80', LC_ALL: 'C.UTF-8', MANPAGER: 'cat' };
    const read = spawnSync('man', ['--warnings', '-l', path], { encoding: 'utf8', env });
    expect([read.status, read.stderr]).toEqual([0, '']);
    expect(read.stdout).toMatch(/EXIT STATUS\n\s+0\s+done/);
  });
});
