import { isDialable } from './dialled.ts';

/** The host of a git remote (`git@host:path`, `ssh://…`, `https://…`); null for a path on this computer and what is no remote. */
export function gitHost(remote: string): string | null {
  const [, host] = /^(?:ssh|https?|git):\/\/(?:[^@/\s]*@)?([^:/\s]+)(?::\d+)?\//i.exec(remote) ??
    /^(?:[^@/\s]+@)([^:/\s]+):/.exec(remote) ?? [null, null];
  return host != null && isDialable(host) ? host.toLowerCase() : null;
}
