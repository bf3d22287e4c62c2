import { existsSync, readFileSync } from 'node:fs';
import * as v from 'valibot';

const pairings = v.looseObject({
  pairings: v.array(v.looseObject({ userKeys: v.array(v.looseObject({ blob: v.string() })) })),
});

/**
 * The user keys' blobs in base64url as the daemon's file of pairings holds them, for when no daemon runs to be asked.
 * None where the file is missing or is not one.
 */
export function knownKeys(path: string): readonly string[] {
  if (!existsSync(path)) return [];
  try {
    const found = v.safeParse(pairings, JSON.parse(readFileSync(path, 'utf8')));
    return found.success ? found.output.pairings.flatMap(({ userKeys }) => userKeys.map(({ blob }) => blob)) : [];
  } catch {
    return [];
  }
}
