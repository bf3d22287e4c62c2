/** The program that git runs as `gpg.ssh.program`: a script, so that all but signing costs what ssh-keygen costs. */
import { readFileSync } from 'node:fs';
import { replaceFile } from '../state/replace-file.ts';
import { chmodSync } from 'node:fs';

export interface ProgramPaths {
  /** Where the script is to stand. */
  readonly path: string;
  readonly node: string;
  /** What it runs with node to sign: gets the home folder, then git's arguments. */
  readonly main: string;
  readonly home: string;
}

/** Writes the script unless it stands there so; whether it was written. @throws StateError `not-writable` */
export function writeSigningProgram(paths: ProgramPaths): boolean {
  const text = signingProgram(paths);
  if (read(paths.path) === text) return false;
  replaceFile(paths.path, Buffer.from(text));
  chmodSync(paths.path, 0o700);
  return true;
}

export function signingProgram({ node, main, home }: Omit<ProgramPaths, 'path'>): string {
  return [
    '#!/bin/sh',
    '# git runs this in place of ssh-keygen (gpg.ssh.program); palmkey git setup wrote it. What git has signed is asked of',
    '# the phone, everything else goes to ssh-keygen as it came.',
    'if [ "$1 $2 $3 $4" = \'-Y sign -n git\' ]; then',
    `  node=${quoted(node)}`,
    `  main=${quoted(main)}`,
    '  [ -x "$node" ] || node=node',
    '  if [ ! -f "$main" ]; then',
    '    echo "palmkey: $main is gone, so nothing was signed" >&2',
    '    echo "  Run palmkey git setup again" >&2',
    '    exit 1',
    '  fi',
    `  exec "$node" "$main" ${quoted(home)} "$@"`,
    'fi',
    'exec ssh-keygen "$@"',
    '',
  ].join('\n');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
