import { sha256 } from '@noble/hashes/sha2.js';
import { SshFormatError } from './errors.ts';
import { fromBase64, toBase64 } from './base64.ts';
import { parsePublicKey } from './public-key.ts';

/** One line of an authorized_keys or `.pub` file without options. */
export interface AuthorizedKey {
  readonly blob: Uint8Array<ArrayBuffer>;
  readonly comment: string;
}

/** `SHA256:` and the unpadded base64 of the blob's hash, as `ssh-keygen -l` prints it. */
export function fingerprint(blob: Uint8Array): string {
  return `SHA256:${toBase64(sha256(blob)).replaceAll('=', '')}`;
}

/**
 * The line that lets a key in: type, base64, comment; no newline. Control characters in the comment become spaces, so
 * that a comment cannot add a line. Throws {@link SshFormatError} if the blob is no key.
 */
export function authorizedKeysLine(blob: Uint8Array, comment: string): string {
  const { algorithm } = parsePublicKey(blob);
  // eslint-disable-next-line no-control-regex -- exactly these are taken out
  const oneLine = comment.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ').trim();
  return `${algorithm} ${toBase64(blob)}${oneLine === '' ? '' : ` ${oneLine}`}`;
}

/**
 * Reads a line as {@link authorizedKeysLine} writes it, surrounding white space allowed; options before the key are
 * not. Throws {@link SshFormatError}, also when the line names another type than its blob.
 */
export function parseAuthorizedKey(line: string): AuthorizedKey {
  // The comment does not begin with what parts it from the key, so that there is one way only to match: linear time.
  const match = /^(\S+)[ \t]+(\S+)(?:[ \t]+([^ \t\r\n][^\r\n]*))?$/.exec(line.trim());
  const [, type, base64, comment = ''] = match ?? [];
  if (type === undefined || base64 === undefined) throw new SshFormatError('not a public key line');
  const blob = fromBase64(base64);
  if (parsePublicKey(blob).algorithm !== type) throw new SshFormatError('a line that names another type than its key');
  return { blob, comment };
}
