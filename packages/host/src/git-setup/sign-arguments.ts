/** What git asks of its signing program (git's gpg-interface.c, `sign_buffer_ssh`). */
import { existsSync, readFileSync } from 'node:fs';
import { parseAuthorizedKey, SshFormatError } from '@palmkey/core/ssh';

export interface SignArguments {
  /** The file with the key: a public key, or a private one beside which the public one stands. */
  readonly keyFile: string;
  /** The file with the text; the signature goes beside it, as `<file>.sig`. */
  readonly textFile: string;
}

/** `-Y sign -n git -f <key file> [-U] <file>`; null for anything else, which is ssh-keygen's. */
export function parseSignArguments(args: readonly string[]): SignArguments | null {
  const [verbFlag, verb, nameFlag, name, keyFlag, keyFile, ...rest] = args;
  if (verbFlag !== '-Y' || verb !== 'sign' || nameFlag !== '-n' || name !== 'git' || keyFlag !== '-f') return null;
  const [textFile, ...more] = rest[0] === '-U' ? rest.slice(1) : rest;
  if (keyFile === undefined || textFile === undefined || more.length > 0 || textFile.startsWith('-')) return null;
  return { keyFile, textFile };
}

/** The blob of the public key in a file, or beside it; null where there is none that can be read. */
export function readPublicKey(keyFile: string): Uint8Array | null {
  return keyIn(keyFile) ?? keyIn(`${keyFile}.pub`);
}

function keyIn(path: string): Uint8Array | null {
  if (!existsSync(path)) return null;
  try {
    return parseAuthorizedKey((readFileSync(path, 'utf8').split('\n')[0] ?? '').trim()).blob;
  } catch (error) {
    if (error instanceof SshFormatError) return null;
    throw error;
  }
}
