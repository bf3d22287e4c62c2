import { isAbsolute, join } from 'node:path';
import type { SetupFiles } from './setup-files.ts';
import { isForAllHosts, linesOf, parseConfigLine } from './config-line.ts';

/** A line that sets one of what our own file sets. */
export interface Setting {
  readonly keyword: 'IdentityAgent' | 'KnownHostsCommand';
  /** The file it stands in: the person's, or one that is included. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** Whether it is for every host. */
  readonly forAll: boolean;
  /** The line of the person's own file, from 0, before which something must stand to come before this setting. */
  readonly before: number;
}

export interface SettingsContext {
  readonly files: SetupFiles;
  /** `~/.ssh`, which relative includes are relative to. */
  readonly sshFolder: string;
  /** `~`. */
  readonly home: string;
}

const KEYWORDS = new Map<string, Setting['keyword']>([
  ['identityagent', 'IdentityAgent'],
  ['knownhostscommand', 'KnownHostsCommand'],
]);
/** As deep as ssh goes (readconf.c: READCONF_MAX_DEPTH). */
const MAX_DEPTH = 16;

/** All settings of `IdentityAgent` and `KnownHostsCommand` in the text of a config file and what it includes, in order. */
export function findSettings(text: string, file: string, context: SettingsContext): Setting[] {
  return search(text, file, true, 0, context);
}

function search(text: string, file: string, all: boolean, depth: number, context: SettingsContext): Setting[] {
  const found: Setting[] = [];
  let forAll = all;
  let block: number | null = null;
  for (const [index, raw] of linesOf(text).entries()) {
    const line = parseConfigLine(raw);
    const before = block ?? index;
    const keyword = KEYWORDS.get(line.keyword);
    if (line.keyword === 'host' || line.keyword === 'match') {
      forAll = all && isForAllHosts(line);
      block = index;
    } else if (keyword !== undefined) {
      found.push({ keyword, file, line: index + 1, forAll, before });
    } else if (line.keyword === 'include' && depth < MAX_DEPTH) {
      for (const path of line.args.flatMap((arg) => included(arg, context))) {
        const content = context.files.read(path);
        if (content === null) continue;
        const inner = search(content.text, path, forAll, depth + 1, context);
        found.push(...inner.map((setting) => ({ ...setting, before })));
      }
    }
  }
  return found;
}

function included(arg: string, { files, sshFolder, home }: SettingsContext): readonly string[] {
  const path = arg.startsWith('~/') ? join(home, arg.slice(2)) : arg;
  return files.glob(isAbsolute(path) ? path : `${sshFolder}/${path}`);
}
