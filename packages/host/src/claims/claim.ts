import type { Dialled } from '../key-uses/dialled.ts';

/** What an ssh on this computer says about itself: believed as far as any local process can be, until the phone pins it. */
export interface Claim {
  /** What that ssh calls the server: host name, address or `HostKeyAlias`; null for what cannot be taken for a name. */
  readonly name: string | null;
  readonly port: number;
  /** The ssh's process id. */
  readonly pid: number;
  /** The chain of processes that led to it, outermost first, itself last: `['zsh', 'git push', 'ssh']`. */
  readonly programs: readonly string[];
  /** The terminal that ssh runs on, e.g. `/dev/pts/3`. */
  readonly terminal: string | null;
  /** Where the innermost program of the chain that is not ssh itself works: the shell's or git's folder. Null if unknown. */
  readonly directory?: string | null;
  /** What that ssh was told to connect to; null if unknown. It stays on this computer. */
  readonly dialled?: Dialled | null;
}

/** A claim as it was written, before the system is asked about its process. */
export interface HeardClaim extends Pick<Claim, 'name' | 'port' | 'pid'> {
  whole(): Promise<Claim>;
}

/** Port: where the agent learns who asked. */
export interface ClaimSource {
  /**
   * Takes the claim of the ssh that is logging in to the server with this host key. Each is given once. `peer` gives the
   * inode of the client's end of the connection, null where the system does not say; asked only where several ssh could be
   * meant. Never rejects.
   */
  claimFor(hostKey: Uint8Array, peer: () => Promise<string | null>): Promise<HeardClaim | null>;
  /** The ssh that is logged in to that server and forwards the agent to it. Never throws. */
  forwarderOf(hostKey: Uint8Array): HeardClaim | null;
  /** The process of ours that holds the socket with this inode; it names no server. Never throws. */
  clientOf(inode: string): HeardClaim | null;
}
