import type { Socket } from 'node:net';
import type { SessionBind } from '@palmkey/core/ssh';
import type { Claim, ClaimSource } from '../claims/claim.ts';
import { peerSocket } from '../claims/peer-socket.ts';

/** Which program of this computer is at the other end of a connection to the agent, as far as that can be known. */
export class ClientClaim {
  readonly #socket: Socket;
  readonly #claims: ClaimSource | null;
  #login: Promise<Claim | null> = Promise.resolve(null);
  #name: string | null = null;

  constructor(socket: Socket, claims: ClaimSource | null) {
    this.#socket = socket;
    this.#claims = claims;
  }

  /** What the ssh of the first bind calls its server; null where that is not known. */
  get name(): string | null {
    return this.#name;
  }

  /**
   * To be called with the first bind alone: it is of an ssh on this computer, later ones come through it from
   * elsewhere.
   */
  async hear({ hostKey, forwarding }: SessionBind): Promise<void> {
    const peer = () => peerSocket(this.#socket);
    const heard = forwarding ? this.#claims?.forwarderOf(hostKey) : await this.#claims?.claimFor(hostKey, peer);
    this.#name = heard?.name ?? null;
    // A claim that is lost is no reason to lose the login.
    this.#login = heard?.whole().catch(() => null) ?? Promise.resolve(null);
  }

  /** The ssh of the first bind; null where there was none, or it has claimed nothing. */
  ofLogin(): Promise<Claim | null> {
    return this.#login;
  }

  /** Who is at the other end, where no bind led to a claim; null where that cannot be found out. */
  async ofClient(): Promise<Claim | null> {
    try {
      const inode = await peerSocket(this.#socket);
      return inode === null ? null : ((await this.#claims?.clientOf(inode)?.whole()) ?? null);
    } catch {
      return null;
    }
  }
}
