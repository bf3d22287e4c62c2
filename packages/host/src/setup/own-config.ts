import { SetupError } from './errors.ts';

const FIRST_LINE = '# Palmkey: made by palmkey setup, which writes it anew.';

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

/** A path as an argument of \`Include\`, which is a glob(7) pattern. @throws SetupError `unusable-path` */
export function includeArgument(path: string): string {
  return quotedPath(path).replaceAll(/[*?[\]]/g, '\\$&');
}

function quotedPath(path: string): string {
  // eslint-disable-next-line no-control-regex -- exactly these cannot be written
  if (/["\\\u0000-\u001f\u007f]|\$\{/.test(path)) throw new SetupError('unusable-path', path);
  return /^[\w/.,:+@%~-]+$/.test(path) ? path : `"${path}"`;
}
