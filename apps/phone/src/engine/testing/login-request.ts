import type { SshSignRequest } from '@palmkey/core/requests';
import { parseRequestId } from '@palmkey/core/requests';
import { SshWriter, ed25519Blob, encodeSshSignature } from '@palmkey/core/ssh';

/** An SSH server's Ed25519 host key. */
export class FakeServer {
  readonly blob: Uint8Array;
  readonly #privateKey: CryptoKey;

  private constructor(blob: Uint8Array, privateKey: CryptoKey) {
    this.blob = blob;
    this.#privateKey = privateKey;
  }

  static async create(): Promise<FakeServer> {
    const pair = await crypto.subtle.generateKey({ name: 'Ed25519' }, false, ['sign', 'verify']);
    const raw = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
    return new FakeServer(ed25519Blob(raw), pair.privateKey);
  }

  /** The same server, which shows a certificate of its key. */
  showing(certificate: Uint8Array): FakeServer {
    return new FakeServer(certificate, this.#privateKey);
  }

  /** An SSH signature blob over a message. */
  async sign(message: Uint8Array): Promise<Uint8Array> {
    const signature = await crypto.subtle.sign({ name: 'Ed25519' }, this.#privateKey, new Uint8Array(message));
    return encodeSshSignature('ssh-ed25519', new Uint8Array(signature));
  }

  async bind(sessionId: Uint8Array, forwarding: boolean): Promise<SshSignRequest['binds'][number]> {
    const signature = await crypto.subtle.sign({ name: 'Ed25519' }, this.#privateKey, new Uint8Array(sessionId));
    return {
      hostKey: this.blob,
      sessionId,
      signature: encodeSshSignature('ssh-ed25519', new Uint8Array(signature)),
      forwarding,
    };
  }
}

/** What a login looks like; what is left out is an ordinary one. */
export interface LoginOptions {
  readonly key: Uint8Array;
  readonly now: number;
  /** The last one is logged in to; none makes the login unbound. */
  readonly servers: readonly FakeServer[];
  readonly host?: SshSignRequest['host'];
  readonly user?: string;
  readonly lifetimeMs?: number;
  readonly id?: Uint8Array;
  readonly programs?: readonly string[];
  /** That of the key; Ed25519 unless said. */
  readonly algorithm?: string;
}

/** A request for a login as OpenSSH makes it, host-bound where there is a server. */
export async function loginRequest(options: LoginOptions): Promise<SshSignRequest> {
  const { key, now, servers, host = null, user = 'deploy', lifetimeMs = 90_000, programs = ['zsh', 'ssh'] } = options;
  const sessions = servers.map(() => crypto.getRandomValues(new Uint8Array(32)));
  const last = servers.at(-1);
  const binds = await Promise.all(
    servers.map((server, i) => server.bind(sessions[i] ?? new Uint8Array(32), server !== last)),
  );
  const writer = new SshWriter()
    .string(sessions.at(-1) ?? new Uint8Array(32).fill(7))
    .byte(50)
    .text(user)
    .name('ssh-connection')
    .name(last === undefined ? 'publickey' : 'publickey-hostbound-v00@openssh.com')
    .byte(1)
    .name(options.algorithm ?? 'ssh-ed25519')
    .string(key);
  if (last !== undefined) writer.string(last.blob);
  return {
    kind: 'ssh-sign',
    id: parseRequestId(options.id ?? crypto.getRandomValues(new Uint8Array(16))),
    issued: now,
    expires: now + lifetimeMs,
    key,
    data: writer.done(),
    binds,
    host,
    origin:
      programs.length === 0 ? { sure: 'none' } : { sure: 'claimed', programs: [...programs], terminal: 'ttys001' },
  };
}
