/** How a page of vectors is written and read: JSON, in which bytes are lower-case hexadecimal. */
import { toHex } from '@palmkey/envelope';
import { readFileSync, writeFileSync } from 'node:fs';

/** Writes `<name>.json` beside this file. */
export function writePage(name: string, vectors: unknown): void {
  const hexed = (_: string, value: unknown) => (value instanceof Uint8Array ? toHex(value) : value);
  writeFileSync(new URL(`${name}.json`, import.meta.url), `${JSON.stringify(vectors, hexed, 2)}\n`);
}

/** What {@link writePage} wrote. */
export function readPage(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`${name}.json`, import.meta.url), 'utf8'));
}
