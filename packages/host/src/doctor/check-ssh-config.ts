/** Whether ssh is new enough, and whether what it reads leads to this installation. */
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import type { Paths } from '../paths.ts';
import { checkSsh, effectiveSettings } from '../setup/check-ssh.ts';
import { type ConfigLine, isForAllHosts, linesOf, parseConfigLine } from '../setup/config-line.ts';
import { findSettings, type Setting } from '../setup/config-settings.ts';
import { withoutBlock } from '../setup/include-block.ts';
import {
  includeArgument,
  isOwnConfig,
  OWN_CONFIG_VERSION,
  ownConfig,
  ownConfigHolds,
  ownConfigVersion,
} from '../setup/own-config.ts';
import { diskFiles } from '../setup/setup-files.ts';
import { type Finding, finding } from './finding.ts';

/** A name that no config has settings for. */
const anyHost = 'palmkey-doctor.invalid';

/** `program`: the ssh that is asked for its version. */
export async function checkSshVersion(program = 'ssh'): Promise<Finding[]> {
  const { version } = await checkSsh(program);
  const [, major, minor] = /^OpenSSH(?:_for_Windows)?_(\d+)\.(\d+)/.exec(version ?? '') ?? [];
  if (version === null || major === undefined) return [finding('ssh', 'ssh-missing', { version })];
  const number = Number(major) * 100 + Number(minor);
  // KnownHostsCommand came with 8.5, the agent's binding to a session with 8.9.
  const code = number >= 809 ? 'ssh-fine' : number >= 805 ? 'ssh-unproved' : 'ssh-too-old';
  return [finding('ssh', code, { version })];
}

/** Looks at our own file, at the Include in the person's, and at what `ssh -G` makes of both. */
export async function checkSshConfig(paths: Paths, userHome: string): Promise<Finding[]> {
  const person = diskFiles.follow(join(userHome, '.ssh', 'config'));
  const files = staleFiles(paths, person);
  const missing = files.some(({ code }) => code === 'config-missing' || code === 'include-missing');
  if (missing) return files.slice(0, 1);
  const settings = findSettings(diskFiles.read(person)?.text ?? '', person, {
    files: diskFiles,
    sshFolder: join(userHome, '.ssh'),
    home: userHome,
  });
  const ours = settings.findIndex(({ file }) => file === paths.sshConfig);
  const before = settings.slice(0, Math.max(ours, 0));
  const found = [...files, ...before.map(overriding), ...notRead(userHome)];
  if (found.some(({ verdict }) => verdict === 'problem')) return found;
  const read = userHome === accountHome() ? undefined : person;
  const { identityAgent, knownHostsCommand } = await effectiveSettings(anyHost, read);
  const effective =
    !ownConfigHolds(paths) ||
    (identityAgent === paths.agentSocket && knownHostsCommand?.includes(paths.knownHostsCommand) === true);
  if (!effective)
    return [...found, finding('config', 'config-overridden', { path: person, line: null, found: identityAgent })];
  return [finding('config', 'config-fine', { path: person }), ...found];
}

/** The home folder that ssh's configuration leads to instead of this one, null where there is none. Runs no program. */
export function staleSetup(paths: Paths, userHome: string): string | null {
  const found = staleFiles(paths, diskFiles.follow(join(userHome, '.ssh', 'config')));
  const other = found.find(({ code }) => code === 'config-other-home' || code === 'include-other-home')?.detail.found;
  return typeof other === 'string' ? other : null;
}

/** Which of the files that lead ssh here do not. */
function staleFiles(paths: Paths, person: string): Finding[] {
  const own = diskFiles.read(paths.sshConfig)?.text;
  if (own === undefined) return [finding('config', 'config-missing', { path: person }), ...staleInclude(paths, person)];
  return [...staleOwn(own, paths), ...staleInclude(paths, person)];
}

function staleOwn(own: string, paths: Paths): Finding[] {
  if (own === ownConfig(paths)) return [];
  const detail = { path: paths.sshConfig };
  if (ownConfigVersion(own) > OWN_CONFIG_VERSION) return [finding('config', 'config-newer', detail)];
  const agent = agentIn(own);
  if (!isOwnConfig(own) || agent === null || agent === paths.agentSocket)
    return [finding('config', 'config-changed', detail)];
  return [finding('config', 'config-other-home', { ...detail, found: homeOfAgent(agent) })];
}

function staleInclude(paths: Paths, person: string): Finding[] {
  const text = diskFiles.read(person)?.text ?? '';
  try {
    if (withoutBlock(text, person).memory === null) return [finding('config', 'include-missing', { path: person })];
  } catch {
    return [finding('config', 'include-broken', { path: person })];
  }
  const block = text.slice(text.indexOf('# palmkey: begin'), text.indexOf('# palmkey: end'));
  const [wanted = ''] = parseConfigLine(`Include ${includeArgument(paths.sshConfig)}`).args;
  const include = linesOf(block)
    .map(parseConfigLine)
    .find(({ keyword }) => keyword === 'include');
  if (include?.args.includes(wanted) === true) return insideBlock(text, person);
  const found = include?.args[0]?.replaceAll(/\\(.)/g, '$1') ?? null;
  return [
    finding('config', 'include-other-home', {
      path: person,
      found: found === null ? null : dirname(found),
      exists: found !== null && existsSync(found) ? 1 : 0,
    }),
  ];
}

/** An Include below `Host` or `Match` is for that block's hosts alone; ours says `Match all` where one was above it. */
function insideBlock(text: string, path: string): Finding[] {
  const begin = linesOf(text).findIndex((line) => line.startsWith('# palmkey: begin'));
  const include = linesOf(text).findIndex((line, at) => at > begin && parseConfigLine(line).keyword === 'include');
  const head = blockHead(text, include);
  return head === null || isForAllHosts(head)
    ? []
    : [finding('config', 'include-inside-block', { path, line: include + 1, hosts: head.args.join(' ') })];
}

function overriding({ keyword, file, line, forAll }: Setting): Finding {
  const hosts = hostsAbove(file, line);
  return finding('config', forAll ? 'config-overridden' : 'config-host-overrides', {
    path: file,
    line,
    keyword,
    hosts,
  });
}

/** The patterns of the `Host` or `Match` block that a line stands in. */
function hostsAbove(file: string, line: number): string | null {
  return blockHead(diskFiles.read(file)?.text ?? '', line - 1)?.args.join(' ') ?? null;
}

/** The line that begins the block in which the line `at` (from 0) stands. */
function blockHead(text: string, at: number): ConfigLine | null {
  const above = linesOf(text).slice(0, at).map(parseConfigLine);
  return above.findLast(({ keyword }) => keyword === 'host' || keyword === 'match') ?? null;
}

/** ssh takes the home folder from the account, whatever $HOME says. */
function notRead(userHome: string): Finding[] {
  const account = accountHome();
  return account === null || account === userHome
    ? []
    : [
        finding('config', 'config-not-read', {
          path: join(userHome, '.ssh', 'config'),
          found: join(account, '.ssh', 'config'),
        }),
      ];
}

function accountHome(): string | null {
  try {
    return userInfo().homedir;
  } catch {
    return null;
  }
}

function agentIn(own: string): string | null {
  const line = linesOf(own)
    .map(parseConfigLine)
    .find(({ keyword }) => keyword === 'identityagent');
  return line?.args[0]?.replaceAll('%%', '%') ?? null;
}

/** `…/run/agent.sock` → the home, as far as the socket stands in it. */
function homeOfAgent(agent: string): string {
  return agent.endsWith('/run/agent.sock') ? dirname(dirname(agent)) : agent;
}
