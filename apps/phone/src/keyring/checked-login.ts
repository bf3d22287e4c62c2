import type { RequestHash, SshSignRequest } from '@palmkey/core/requests';
import { parseRequest, requestHash } from '@palmkey/core/requests';
import type { BindCheck, HostKeyVerifier, Userauth } from '@palmkey/core/ssh';
import { SshFormatError, checkBinds, parseUserauth } from '@palmkey/core/ssh';
import { equal } from '@palmkey/envelope';

/**
 * A login that the strict parser understood as a whole and whose binds verify: besides a commit and a file, the only
 * thing that a user key signs. None comes into being but by {@link CheckedLogin.check}.
 */
export class CheckedLogin {
  readonly kind = 'login';
  readonly hash: RequestHash;
  readonly request: SshSignRequest;
  /** What will be signed, taken apart. */
  readonly userauth: Userauth;
  /** What the binds prove about the server. */
  readonly server: BindCheck;
  readonly #key: Uint8Array;
  readonly #bytesToSign: Uint8Array<ArrayBuffer>;

  private constructor(
    hash: RequestHash,
    request: SshSignRequest,
    userauth: Userauth,
    server: BindCheck,
    bytes: Uint8Array<ArrayBuffer>,
  ) {
    this.hash = hash;
    this.request = request;
    this.userauth = userauth;
    this.server = server;
    this.#key = new Uint8Array(userauth.key);
    this.#bytesToSign = bytes;
  }

  /**
   * Checks the bytes of an `ssh-sign` request by the rules of spec/ssh.md, "What a phone signs".
   *
   * Throws what the parsers throw on bytes that are no request, {@link SshFormatError} (`unparsable`) on data that is
   * not a login with the key asked for, and `BindError` (`bad-bind`) on binds that do not verify or do not fit.
   */
  static async check(requestBytes: Uint8Array, verify: HostKeyVerifier): Promise<CheckedLogin> {
    const request = parseRequest(requestBytes);
    if (request.kind !== 'ssh-sign') throw new SshFormatError('a request that is no login');
    const bytes = new Uint8Array(request.data);
    const userauth = parseUserauth(bytes);
    if (!equal(userauth.key, request.key)) throw new SshFormatError('a login with another key than the one asked for');
    const server = await checkBinds(request.binds, userauth, verify);
    return new CheckedLogin(requestHash(requestBytes), request, userauth, server, bytes);
  }

  /** What a key signs; throws a TypeError for an object that {@link CheckedLogin.check} did not make. */
  static bytesToSign(login: CheckedLogin): { readonly key: Uint8Array; readonly bytes: Uint8Array<ArrayBuffer> } {
    return { key: login.#key, bytes: login.#bytesToSign };
  }
}
