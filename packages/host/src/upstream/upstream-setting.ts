/** Which agent stands behind ours, as the person set it. */
import { isAbsolute } from 'node:path';
import * as v from 'valibot';
import { paths } from '../paths.ts';
import { readJsonFile, writeJsonFile } from '../state/json-file.ts';
import { openHome } from '../state/open-home.ts';
import { privateFolder } from '../state/private-folder.ts';
import { SetupError } from '../setup/errors.ts';
import { isSameSocket } from './same-socket.ts';

const version = 1;
/** `environment`: the SSH_AUTH_SOCK that Palmkey was started with. */
export type UpstreamSetting =
  { readonly is: 'environment' } | { readonly is: 'none' } | { readonly is: 'path'; readonly path: string };

const setting = v.variant('is', [
  v.strictObject({ v: v.literal(version), is: v.picklist(['environment', 'none']) }),
  v.strictObject({ v: v.literal(version), is: v.literal('path'), path: v.pipe(v.string(), v.check(isSocketPath)) }),
]);

/** Whether a text can be the path of a socket: absolute, without a zero byte, at most 4,096 bytes. */
export function isSocketPath(text: string): boolean {
  return isAbsolute(text) && !text.includes('\0') && Buffer.byteLength(text) <= 4096;
}

/**
 * What was set; `environment` where nothing was.
 * @throws StateError `state-broken`, `newer-state`, `bad-permissions`
 */
export function readUpstream(file: string): UpstreamSetting {
  const found = readJsonFile(file, version, setting);
  if (found === undefined) return { is: 'environment' };
  return found.is === 'path' ? { is: 'path', path: found.path } : { is: found.is };
}

function writeUpstream(file: string, value: UpstreamSetting): void {
  writeJsonFile(file, { v: version, ...value });
}

/**
 * Sets which agent stands behind ours; takes effect with the next connection to a daemon that runs.
 * @throws SetupError `own-upstream`, `unusable-path`; StateError as `openHome` and `privateFolder` do, and `not-writable`
 */
export function setUpstream(home: string, value: UpstreamSetting): void {
  const at = paths(home);
  if (value.is === 'path' && !isSocketPath(value.path)) throw new SetupError('unusable-path', value.path);
  if (value.is === 'path' && isSameSocket(value.path, at.agentSocket)) throw new SetupError('own-upstream', value.path);
  openHome(home);
  privateFolder(at.host);
  writeUpstream(at.upstream, value);
}

/**
 * Says for each client which socket the setting leads to; one that cannot be read any more leads to none.
 * @throws StateError at once, where it cannot be read now.
 */
export function upstreamReader(
  file: string,
  environment: string | null,
  onFault: (error: unknown) => void,
): () => string | null {
  readUpstream(file);
  return () => {
    try {
      return upstreamPath(readUpstream(file), environment);
    } catch (error) {
      onFault(error);
      return null;
    }
  };
}

/** The socket that a setting leads to; null for none. `environment` is what SSH_AUTH_SOCK said. */
export function upstreamPath(value: UpstreamSetting, environment: string | null): string | null {
  switch (value.is) {
    case 'none':
      return null;
    case 'path':
      return value.path;
    case 'environment':
      return environment !== null && isSocketPath(environment) ? environment : null;
  }
}
