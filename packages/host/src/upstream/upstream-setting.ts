/** Which agent stands behind ours, as the person set it. */
import { isAbsolute } from 'node:path';
import * as v from 'valibot';
import { readJsonFile, writeJsonFile } from '../state/json-file.ts';

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

/** @throws StateError `not-writable` */
export function writeUpstream(file: string, value: UpstreamSetting): void {
  writeJsonFile(file, { v: version, ...value });
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
