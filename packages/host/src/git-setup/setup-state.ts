/** What git's settings were before, so that it can be brought back: one entry for each file of git's that was changed. */
import * as v from 'valibot';
import { readJsonFile, writeJsonFile } from '../state/json-file.ts';

const version = 1;
const change = v.strictObject({ name: v.string(), before: v.array(v.string()), ours: v.string() });
const entry = v.strictObject({
  scope: v.picklist(['global', 'local']),
  /** git's file. */
  file: v.string(),
  /** There was none. */
  made: v.boolean(),
  /** The copy of the file as it was; null where there was none. */
  backup: v.nullable(v.string()),
  /** SHA-256 of the file as it was left, hexadecimal: unchanged since, the copy takes its place byte for byte. */
  left: v.string(),
  changes: v.array(change),
  /** The file of signers that ours were added to, and whether it was made for that; null where none was. */
  signers: v.nullable(v.strictObject({ file: v.string(), made: v.boolean() })),
});
const state = v.strictObject({ v: v.literal(version), entries: v.array(entry) });

export type Change = v.InferOutput<typeof change>;
export type Entry = v.InferOutput<typeof entry>;

/** @throws StateError as `readJsonFile` does. */
export function readEntries(path: string): readonly Entry[] {
  return readJsonFile(path, version, state)?.entries ?? [];
}

/** @throws StateError `not-writable` */
export function writeEntries(path: string, entries: readonly Entry[]): void {
  writeJsonFile(path, { v: version, entries });
}
