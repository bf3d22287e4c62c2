/** One small JSON file with a version, replaced as a whole so that a crash leaves the old or the new one. */
import { existsSync, readFileSync } from 'node:fs';
import * as v from 'valibot';
import type { Disk } from './disk.ts';
import { StateError } from './errors.ts';
import { checkPrivate } from './private-folder.ts';
import { createFile, replaceFile, replaceSecretFile } from './replace-file.ts';

const versioned = v.object({ v: v.number() });

/**
 * Reads and checks a file.
 * @returns undefined when there is none.
 * @throws StateError `newer-state` for a version above `version`, `state-broken` for anything that does not parse,
 * `bad-permissions` when others could read it.
 */
export function readJsonFile<Schema extends v.GenericSchema>(
  path: string,
  version: number,
  schema: Schema,
): v.InferOutput<Schema> | undefined {
  if (!existsSync(path)) return undefined;
  checkPrivate(path, 'file');
  let found: unknown;
  try {
    found = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new StateError('state-broken', path, null, cause);
  }
  const head = v.safeParse(versioned, found);
  if (head.success && head.output.v > version) throw new StateError('newer-state', path, String(head.output.v));
  const parsed = v.safeParse(schema, found);
  if (!parsed.success) throw new StateError('state-broken', path);
  return parsed.output;
}

/**
 * Writes a file whole.
 * @throws StateError `not-writable`; then the old one stands as it was.
 */
export function writeJsonFile(path: string, value: object, disk?: Disk): void {
  replaceFile(path, encode(value), disk);
}

/**
 * {@link writeJsonFile}, for what must not be found any more once it was replaced.
 * @throws StateError `not-writable`; then the old one stands as it was.
 */
export function writeSecretJsonFile(path: string, value: object, disk?: Disk): void {
  replaceSecretFile(path, encode(value), disk);
}

/**
 * Writes a file unless there is one: false.
 * @throws StateError `not-writable`
 */
export function createJsonFile(path: string, value: object): boolean {
  return createFile(path, encode(value));
}

function encode(value: object): Uint8Array {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}
