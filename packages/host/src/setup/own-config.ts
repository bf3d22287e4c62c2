import { statSync } from 'node:fs';
import { SetupError } from './errors.ts';

const FIRST_LINE = '# Palmkey: made by palmkey setup, which writes it anew.';

/** What {@link ownConfig} writes, and the highest that this program reads. */
export const OWN_CONFIG_VERSION = 1;

export interface OwnConfigPaths {
  readonly agentSocket: string;
  readonly knownHostsCommand: string;
}

/**
 * Our own ssh config, which the person's includes. It holds only while the agent and the script are there: ssh would not
 * ask the person's own agent while ours is down, and ends every connection whose KnownHostsCommand is missing.
 * @throws SetupError `unusable-path`
 */
export function ownConfig({ agentSocket, knownHostsCommand }: OwnConfigPaths): string {
  const [agent, script] = [configPath(agentSocket), configPath(knownHostsCommand)];
  return `${FIRST_LINE}
# Version ${OWN_CONFIG_VERSION}.
# ssh takes the first value it finds, so what ~/.ssh/config sets for a host before it includes this file holds.
${condition(agentSocket, knownHostsCommand)}
  # Keys are asked for at Palmkey's agent, which asks your phone. While it does not run, all is as without Palmkey.
  IdentityAgent ${agent}
  # Tells the agent what ssh calls the server, so that the phone can show it. Adds no known hosts.
  KnownHostsCommand ${script} %I %H %t %K
`;
}

/** Whether what {@link ownConfig} sets holds now. */
export function ownConfigHolds({ agentSocket, knownHostsCommand }: OwnConfigPaths): boolean {
  const script = statSync(knownHostsCommand, { throwIfNoEntry: false });
  return statSync(agentSocket, { throwIfNoEntry: false })?.isSocket() === true && ((script?.mode ?? 0) & 0o100) !== 0;
}

/**
 * Run by the person's shell, whichever that is: single quotes mean the same to all of them. A path that has one cannot be
 * written, since ssh before 10 and from then on read a backslash there differently: then there is no condition.
 */
function condition(...paths: readonly [socket: string, script: string]): string {
  if (paths.some((path) => path.includes("'"))) return 'Host *';
  const [socket, script] = paths.map((path) => `'${path.replaceAll('%', '%%')}'`);
  return `Match exec "test -S ${socket} && test -x ${script}"`;
}

/** Whether a file is one that {@link ownConfig} made. */
export function isOwnConfig(text: string): boolean {
  return text.startsWith(FIRST_LINE);
}

/** The version of an {@link ownConfig}; 0 for one of before there was one, and for what is none. */
export function ownConfigVersion(text: string): number {
  const [first, second = ''] = text.split('\n', 2);
  return first === FIRST_LINE ? Number(/^# Version (\d{1,9})\.$/.exec(second)?.[1] ?? 0) : 0;
}

/** A path as an argument of \`Include\`, which is a glob(7) pattern. @throws SetupError `unusable-path` */
export function includeArgument(path: string): string {
  return quotedPath(path).replaceAll(/[*?[\]]/g, '\\$&');
}

/** A path as the value of an option that knows `%` tokens. @throws SetupError `unusable-path` */
function configPath(path: string): string {
  return quotedPath(path).replaceAll('%', '%%');
}

function quotedPath(path: string): string {
  // eslint-disable-next-line no-control-regex -- exactly these cannot be written
  if (/["\\\u0000-\u001f\u007f]|\$\{/.test(path)) throw new SetupError('unusable-path', path);
  return /^[\w/.,:+@%~-]+$/.test(path) ? path : `"${path}"`;
}
