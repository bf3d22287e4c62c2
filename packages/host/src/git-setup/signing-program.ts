/** The program that git runs as `gpg.ssh.program`: a script, so that all but signing costs what ssh-keygen costs. */
import { chmodSync, readFileSync } from 'node:fs';
import { replaceFile } from '../state/replace-file.ts';

export interface ProgramPaths {
  /** Where the script is to stand. */
  readonly path: string;
  readonly node: string;
  /** What it runs with node to sign: gets the home folder, git's process id and git's arguments. */
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
    '  for text; do :; done',
    `  node=${quoted(node)}`,
    `  main=${quoted(main)}`,
    '  [ -x "$node" ] || node=node',
    '  if [ -f "$main" ]; then',
    `    "$node" "$main" ${quoted(home)} "$PPID" "$@" && exit 0`,
    '  else',
    '    printf \'palmkey: %s is gone, so nothing was signed\\n  Run palmkey git setup again\\n\' "$main" >&2',
    '  fi',
    '  # Where this fails, git (2.39, say) makes a tag all the same, without a signature: a positive code is no error to',
    '  # its builtin/tag.c. Where this ends well without a signature, git gives up.',
    '  case "$(head -c 7 "$text" 2>/dev/null)" in "object ") exit 0 ;; esac',
    '  exit 1',
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
