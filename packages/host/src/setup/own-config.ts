import { SetupError } from './errors.ts';

const FIRST_LINE = '# Palmkey: made by palmkey setup, which writes it anew.';

/** What {@link ownConfig} writes, and the highest that this program reads. */
export const OWN_CONFIG_VERSION = 1;

export interface OwnConfigPaths {
  readonly agentSocket: string;
  readonly knownHostsCommand: string;
}

/**
 * Our own ssh config, which the person's includes.
 * @throws SetupError `unusable-path`
 */
export function ownConfig({ agentSocket, knownHostsCommand }: OwnConfigPaths): string {
  return `${FIRST_LINE}
# Version ${OWN_CONFIG_VERSION}.
# ssh takes the first value it finds, so what ~/.ssh/config sets for a host before it includes this file holds.
Host *
  # Keys are asked for at Palmkey's agent, which asks your phone. While it does not run, ssh goes on with key files.
  IdentityAgent ${quotedPath(agentSocket).replaceAll('%', '%%')}
  # Tells the agent what ssh calls the server, so that the phone can show it. Adds no known hosts.
  KnownHostsCommand ${quotedPath(knownHostsCommand).replaceAll('%', '%%')} %I %H %t %K
`;
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

function quotedPath(path: string): string {
  // eslint-disable-next-line no-control-regex -- exactly these cannot be written
  if (/["\\\u0000-\u001f\u007f]|\$\{/.test(path)) throw new SetupError('unusable-path', path);
  return /^[\w/.,:+@%~-]+$/.test(path) ? path : `"${path}"`;
}
