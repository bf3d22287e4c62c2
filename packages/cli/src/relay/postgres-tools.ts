/** PostgreSQL's own tools for a backup (https://www.postgresql.org/docs/current/backup-dump.html). */
import { shellWord } from '../voice/shell-word.ts';

/** A program to run, and the same as a person would type it, without a password. */
export interface Tool {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly shown: string;
}

/** Writes the database of a `postgres://` URL to a file. */
export function pgDump(url: string, file: string): Tool {
  const { place, env } = placeOf(url);
  return tool('pg_dump', ['--format=custom', '--no-owner', '--file', file, place], env);
}

/** Puts such a file in the place of what the database holds, all of it or nothing. */
export function pgRestore(url: string, file: string): Tool {
  const { place, env } = placeOf(url);
  return tool(
    'pg_restore',
    ['--clean', '--if-exists', '--no-owner', '--single-transaction', '--dbname', place, file],
    env,
  );
}

function tool(program: string, args: readonly string[], env: Readonly<Record<string, string>>): Tool {
  return { program, args, env, shown: [program, ...args].map(shellWord).join(' ') };
}

/** The URL without its password, which goes by the environment: others can read a command line. */
function placeOf(text: string): { place: string; env: Record<string, string> } {
  const url = new URL(text);
  const password = url.searchParams.get('password') ?? decodeURIComponent(url.password);
  url.password = '';
  url.searchParams.delete('password');
  return { place: url.href, env: password === '' ? {} : { PGPASSWORD: password } };
}
