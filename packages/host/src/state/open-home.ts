/** The home folder, and which folders above it were made for it: those are to go with it, and no others. */
import * as v from 'valibot';
import { paths } from '../paths.ts';
import { readJsonFile, writeJsonFile } from './json-file.ts';
import { privateFolder } from './private-folder.ts';

const version = 1;
const homeFile = v.strictObject({ v: v.literal(version), made: v.string() });

/**
 * Makes the home folder with those above it, and keeps in `home.json` which was the outermost; checks the one that is there.
 * @throws StateError as {@link privateFolder} does
 */
export function openHome(home: string): void {
  const made = privateFolder(home);
  if (made !== null && made !== home) writeJsonFile(paths(home).homeFile, { v: version, made });
}

/**
 * The outermost folder that was made for a home folder; null where only itself was, or nothing.
 * @throws StateError `newer-state`, `state-broken`, `bad-permissions`
 */
export function madeFor(home: string): string | null {
  return readJsonFile(paths(home).homeFile, version, homeFile)?.made ?? null;
}
