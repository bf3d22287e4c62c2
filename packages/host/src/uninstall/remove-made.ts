import { rmdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** Takes away `folder` and those above it up to `made`, the outermost that was made for it, as far as they are empty. */
export function removeMade(folder: string, made: string): void {
  for (let at = folder; at === made || at.startsWith(`${made}/`); at = dirname(at)) {
    try {
      rmdirSync(at);
    } catch {
      return;
    }
  }
}
