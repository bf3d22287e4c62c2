import type { MemoryTables } from '../memory-store.ts';

/** What somebody finds who copies the tables. */
export interface Everything {
  /** All texts and bytes, one character for each byte, with a line between each. */
  readonly text: string;
  /** Private keys that are kept as handles: a browser's profile has their bytes. */
  readonly handles: readonly CryptoKey[];
}

/** Everything that tables hold. */
export function everythingIn({ tables }: MemoryTables): Everything {
  const found: string[] = [];
  const handles: CryptoKey[] = [];
  const look = (value: unknown): void => {
    if (typeof value === 'string') found.push(value);
    else if (value instanceof Uint8Array) found.push(latin(value));
    else if (value instanceof CryptoKey) {
      if (value.type === 'private') handles.push(value);
    } else if (typeof value === 'object' && value !== null) Object.values(value).forEach(look);
  };
  for (const table of tables.values()) for (const row of table.values()) look(row);
  return { text: found.join('\n'), handles };
}

/** Whether a text, or these bytes, stand in it. */
export function shows({ text }: Everything, what: string | Uint8Array): boolean {
  return text.includes(typeof what === 'string' ? what : latin(what));
}

function latin(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}
