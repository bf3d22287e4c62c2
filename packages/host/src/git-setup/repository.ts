/** What a repository is called where git signs: its folder and where it goes to. Claims, for the phone to show. */
import { execFile } from 'node:child_process';

export interface RepositoryClaim {
  readonly directory: string;
  /** Without a password, a token or anything else that opens it; null where there is none. */
  readonly remote: string | null;
}

/** The repository of this process's folder. Null where there is none. Never rejects. */
export async function repositoryHere(): Promise<RepositoryClaim | null> {
  const [top, folder, branch, config] = await Promise.all([
    git('rev-parse', '--show-toplevel'),
    git('rev-parse', '--absolute-git-dir'),
    git('symbolic-ref', '--quiet', '--short', 'HEAD'),
    git('config', '-z', '--get-regexp', String.raw`^(remote\..*\.url|branch\..*\.remote)$`),
  ]);
  const directory = top ?? folder;
  return directory === null ? null : { directory, remote: remoteOf(config ?? '', branch) };
}

/** The address of the branch's remote, of `origin`, or of the only one there is; `config` as `git config -z` lists it. */
export function remoteOf(config: string, branch: string | null): string | null {
  const settings = new Map<string, string>();
  for (const entry of config.split('\0')) {
    const [name = '', ...value] = entry.split('\n');
    // The first of several addresses is the one that is fetched from.
    if (!settings.has(name)) settings.set(name, value.join('\n'));
  }
  const urls = [...settings].filter(([name]) => name.startsWith('remote.'));
  const named = branch === null ? undefined : settings.get(`branch.${branch}.remote`);
  const only = urls.length === 1 ? urls[0]?.[1] : undefined;
  const found = settings.get(`remote.${named ?? 'origin'}.url`) ?? settings.get('remote.origin.url') ?? only;
  return found === undefined || found === '' ? null : withoutCredentials(found);
}

/** An address without what could open it: passwords and tokens, also those in the place of a user or a query. */
export function withoutCredentials(address: string): string {
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(address) ?? [];
  if (scheme === undefined) return address;
  const [place = ''] = rest.split(/[?#]/);
  const end = place.indexOf('/');
  const [authority, path] = end < 0 ? [place, ''] : [place.slice(0, end), place.slice(end)];
  const at = authority.lastIndexOf('@');
  const user = at < 0 ? '' : (authority.slice(0, at).split(':')[0] ?? '');
  const isName = /^(?:git\+)?ssh$/i.test(scheme) && user !== '';
  return `${scheme}://${isName ? `${user}@` : ''}${authority.slice(at + 1)}${path}`;
}

function git(...args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile('git', args, { timeout: 2000, maxBuffer: 1 << 20 }, (error, stdout) =>
      resolve(error === null ? stdout.replace(/\n$/, '') : null),
    );
  });
}
