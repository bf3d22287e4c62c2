import type { FileSignRequest, RequestHash } from '@palmkey/core/requests';
import { parseRequest, requestHash } from '@palmkey/core/requests';
import type { SshsigData } from '@palmkey/core/ssh';
import { SshFormatError, parseSshsigData } from '@palmkey/core/ssh';

/** The namespace of commits and tags: those are signed with their text in sight, never by their hash alone. */
const GIT_NAMESPACE = 'git';

/**
 * A file signature that the strict parser understood as a whole. Of the file only a hash is known. None comes into
 * being but by {@link CheckedFile.check}.
 */
export class CheckedFile {
  readonly kind = 'file';
  readonly hash: RequestHash;
  readonly request: FileSignRequest;
  /** What will be signed, taken apart. */
  readonly data: SshsigData;
  readonly #key: Uint8Array;
  readonly #bytesToSign: Uint8Array<ArrayBuffer>;

  private constructor(
    hash: RequestHash,
    request: FileSignRequest,
    data: SshsigData,
    bytesToSign: Uint8Array<ArrayBuffer>,
  ) {
    this.hash = hash;
    this.request = request;
    this.data = data;
    this.#key = new Uint8Array(request.key);
    this.#bytesToSign = bytesToSign;
  }

  /**
   * Checks the bytes of a `file-sign` request. Throws what the parsers throw on bytes that are no request, and
   * {@link SshFormatError} (`unparsable`) on data that is no file signature, or one of a commit or tag.
   */
  static check(requestBytes: Uint8Array): CheckedFile {
    const request = parseRequest(requestBytes);
    if (request.kind !== 'file-sign') throw new SshFormatError('a request that is no file');
    const bytes = new Uint8Array(request.data);
    const data = parseSshsigData(bytes);
    if (data.namespace === GIT_NAMESPACE) throw new SshFormatError('a commit or tag without its text');
    return new CheckedFile(requestHash(requestBytes), request, data, bytes);
  }

  /** What a key signs; throws a TypeError for an object that {@link CheckedFile.check} did not make. */
  static bytesToSign(file: CheckedFile): { readonly key: Uint8Array; readonly bytes: Uint8Array<ArrayBuffer> } {
    return { key: file.#key, bytes: file.#bytesToSign };
  }
}
