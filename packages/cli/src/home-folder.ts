import { isAbsolute, join, resolve } from 'node:path';
import type { Cli } from './cli.ts';
import { shellPath } from './voice/shell-word.ts';

/**
 * Where everything of one installation stands: `--home`, else PALMKEY_HOME, else the platform's state folder
 * (XDG Base Directory Specification: a relative XDG_STATE_HOME is ignored).
 */
export function homeFolder(option: string | undefined, cli: Pick<Cli, 'env' | 'platform' | 'userFolder'>): string {
  const chosen = option ?? cli.env.PALMKEY_HOME;
  if (chosen !== undefined && chosen !== '') return resolve(chosen);
  if (cli.platform === 'darwin') return join(cli.userFolder, 'Library', 'Application Support', 'Palmkey');
  const state = cli.env.XDG_STATE_HOME;
  return join(state !== undefined && isAbsolute(state) ? state : join(cli.userFolder, '.local', 'state'), 'palmkey');
}

/** How a person calls this installation from any shell: with `--home` where it does not stand where one would look. */
export function meAt(home: string, cli: Pick<Cli, 'me' | 'env' | 'platform' | 'userFolder'>): string {
  const { PALMKEY_HOME: _, ...env } = cli.env;
  if (home === homeFolder(undefined, { ...cli, env })) return cli.me;
  return `${cli.me} --home ${shellPath(home, cli.userFolder)}`;
}
