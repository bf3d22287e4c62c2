import type { GitObject } from '@palmkey/core/git';
import { GitFormatError, gitSignedData, parseGitObject } from '@palmkey/core/git';
import type { GitSignRequest, RequestHash } from '@palmkey/core/requests';
import { parseRequest, requestHash } from '@palmkey/core/requests';
import { equal } from '@palmkey/envelope';

/**
 * A commit or tag that the strict parser understood as a whole: besides a login and a file, the only thing that a user
 * key signs. None comes into being but by {@link CheckedCommit.check}.
 */
export class CheckedCommit {
  readonly kind = 'git';
  readonly hash: RequestHash;
  readonly request: GitSignRequest;
  /** What will be signed, taken apart. */
  readonly object: GitObject;
  /** Bytes of its text. */
  readonly size: number;
  /** SHA-512 of its text, 64 bytes: what the signature is over. */
  readonly signedHash: Uint8Array;
  readonly #key: Uint8Array;
  readonly #text: Uint8Array<ArrayBuffer>;
  readonly #bytesToSign: Uint8Array<ArrayBuffer>;
  #decoded: string | null = null;

  private constructor(
    hash: RequestHash,
    request: GitSignRequest,
    object: GitObject,
    text: Uint8Array<ArrayBuffer>,
    bytesToSign: Uint8Array<ArrayBuffer>,
  ) {
    this.hash = hash;
    this.request = request;
    this.object = object;
    this.size = text.length;
    this.signedHash = bytesToSign.slice(-64);
    this.#key = new Uint8Array(request.key);
    this.#text = text;
    this.#bytesToSign = bytesToSign;
  }

  /**
   * Checks the bytes of a `git-sign` request by the rules of spec/git.md. `fetched` is the text of one that travels in
   * parts, null for one that carries its text. The bytes that are parsed are a copy of nobody else's, and those hashed.
   *
   * Throws what the parsers throw on bytes that are no request, and {@link GitFormatError} (`unparsable`) on a text that
   * is not the one asked for, or neither commit nor tag.
   */
  static async check(requestBytes: Uint8Array, fetched: Uint8Array | null): Promise<CheckedCommit> {
    const request = parseRequest(requestBytes);
    if (request.kind !== 'git-sign') throw new GitFormatError('a request that is no commit or tag');
    const text = await textOf(request, fetched);
    const object = parseGitObject(text);
    const bytes = await gitSignedData(text);
    return new CheckedCommit(requestHash(requestBytes), request, object, text, bytes);
  }

  /** What a key signs; throws a TypeError for an object that {@link CheckedCommit.check} did not make. */
  static bytesToSign(commit: CheckedCommit): { readonly key: Uint8Array; readonly bytes: Uint8Array<ArrayBuffer> } {
    return { key: commit.#key, bytes: commit.#bytesToSign };
  }

  /** The whole text as it is signed, read as {@link GitObject}'s `decoded` says. */
  text(): string {
    this.#decoded ??= this.#decode();
    return this.#decoded;
  }

  #decode(): string {
    const { decoded } = this.object;
    // Core's `latin1` is one character for each byte; the platform's is windows-1252.
    if (decoded === 'latin1') return Array.from(this.#text, (byte) => String.fromCharCode(byte)).join('');
    return new TextDecoder(decoded, { ignoreBOM: true }).decode(this.#text);
  }
}

async function textOf(request: GitSignRequest, fetched: Uint8Array | null): Promise<Uint8Array<ArrayBuffer>> {
  if (request.object.is === 'whole') {
    if (fetched !== null) throw new GitFormatError('a text fetched for a request that carries its own');
    return new Uint8Array(request.object.bytes);
  }
  if (fetched?.length !== request.object.size) throw new GitFormatError('a text of another length');
  const text = new Uint8Array(fetched);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', text));
  if (!equal(digest, request.object.sha256)) throw new GitFormatError('a text of another hash');
  return text;
}
