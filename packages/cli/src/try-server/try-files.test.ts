import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hostKey, tryFiles } from './try-files.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'palmkey-try-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Makes these, one after the other. */
function maker(...keys: string[]) {
  return { make: () => keys.shift() ?? 'none left', isKey: (text: string) => text.startsWith('good') };
}

describe('hostKey', () => {
  it('keeps the key that was made first', async () => {
    const files = tryFiles(folder);
    expect(await hostKey(files, maker('good 1'))).toBe('good 1');
    expect(await hostKey(files, maker('good 2'))).toBe('good 1');
  });

  it('makes another one when the maker makes a malformed one', async () => {
    const files = tryFiles(folder);
    expect(await hostKey(files, maker('bad', 'bad', 'good 3'))).toBe('good 3');
    expect(await readFile(files.hostKey, 'utf8')).toBe('good 3');
  });

  it('replaces a kept key that cannot be read', async () => {
    const files = tryFiles(folder);
    await writeFile(files.hostKey, 'bad');
    expect(await hostKey(files, maker('good 4'))).toBe('good 4');
  });
});
