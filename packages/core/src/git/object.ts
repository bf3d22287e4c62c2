import type { GitCommit } from './commit.ts';
import type { GitTag } from './tag.ts';
import { encodeSshsigData } from '../ssh/index.ts';
import { GitFormatError } from './errors.ts';
import { parseCommit } from './commit.ts';
import { parseHeaderLines } from './header-lines.ts';
import { parseTag } from './tag.ts';

/** The longest object that is read and signed. */
export const MAX_GIT_OBJECT_BYTES = 8 * 1024 * 1024;

/** What git has signed: a commit or an annotated tag. */
export type GitObject = GitCommit | GitTag;

/**
 * Reads the text that git hands over to be signed, of at most 8 MiB: a commit or a tag without its signature, exactly
 * as spec/git.md lists it. Everything in it is in the result: no two texts read as UTF-8 give the same one.
 *
 * Throws {@link GitFormatError} (`unparsable`) on everything else, push certificates too.
 */
export function parseGitObject(bytes: Uint8Array): GitObject {
  if (bytes.length > MAX_GIT_OBJECT_BYTES) throw new GitFormatError('an object that is too long');
  const lines = parseHeaderLines(bytes);
  switch (lines.headers[0]?.name) {
    case 'tree':
      return parseCommit(lines);
    case 'object':
      return parseTag(lines);
    default:
      throw new GitFormatError('neither a commit nor a tag');
  }
}

/**
 * What is signed for git (OpenSSH `PROTOCOL.sshsig`): namespace `git`, SHA-512 over exactly these bytes; 96 bytes.
 * Does not ask what the bytes are: that is {@link parseGitObject}'s.
 */
export async function gitSignedData(objectBytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-512', new Uint8Array(objectBytes)));
  return encodeSshsigData({ namespace: 'git', hash: 'sha512', digest });
}
