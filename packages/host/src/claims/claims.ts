import { equal } from '@palmkey/envelope';
import type { ClaimSource, HeardClaim } from './claim.ts';
import type { ClaimLine } from './claim-line.ts';
import { comparableKey, parseClaimLine } from './claim-line.ts';
import { ClaimsFile } from './claims-file.ts';
import type { Processes } from './processes.ts';
import { systemProcesses } from './processes.ts';

/** A bind follows its claim at once, except where a person is first asked about an unknown host. */
const FRESH_MS = 5000;
/** A server gives a login two minutes (sshd_config: LoginGraceTime). */
const OLDEST_MS = 120_000;
const MAX_HELD = 256;

interface Held extends ClaimLine {
  readonly heardAt: number;
  taken: boolean;
}

export interface ClaimsOptions {
  /** The file that the KnownHostsCommand script writes. */
  readonly path: string;
  readonly processes?: Processes;
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
}

/**
 * What the ssh processes of this computer claim their servers to be called. A claim is given once, to the first bind
 * with its key, and only while its process lives: a fresh one first come first served, else the latest of the last two
 * minutes (its person was asked about the host). Of several the one at the other end of the connection is meant; where the
 * system does not say which that is, their order is a guess. Any local process can write a claim: it is one, and called so.
 */
export class Claims implements ClaimSource, Disposable {
  readonly #file: ClaimsFile;
  readonly #processes: Processes;
  readonly #now: () => number;
  readonly #watching: Disposable;
  #held: Held[] = [];

  /** @throws Error (`EACCES`, …) when the file cannot be made. */
  constructor(options: ClaimsOptions) {
    this.#file = new ClaimsFile(options.path);
    this.#processes = options.processes ?? systemProcesses;
    this.#now = options.now ?? (() => performance.now());
    this.#watching = this.#file.watch(() => this.#hear());
  }

  async claimFor(hostKey: Uint8Array, peer: () => Promise<string | null>): Promise<HeardClaim | null> {
    const meant = this.#open(hostKey).length > 1 ? await this.#holderOf(hostKey, peer) : null;
    const open = this.#open(hostKey);
    const held = meant ?? open.find(({ heardAt }) => this.#now() - heardAt <= FRESH_MS) ?? open.at(-1);
    if (held === undefined) return null;
    held.taken = true;
    return this.#heard(held);
  }

  forwarderOf(hostKey: Uint8Array): HeardClaim | null {
    const held = this.#living(hostKey).at(-1);
    return held === undefined ? null : this.#heard(held);
  }

  clientOf(inode: string): HeardClaim | null {
    const pid = this.#processes.holderOf(inode);
    return pid === null ? null : this.#heard({ name: null, port: 22, pid });
  }

  [Symbol.dispose](): void {
    this.#watching[Symbol.dispose]();
  }

  #living(hostKey: Uint8Array): Held[] {
    this.#hear();
    this.#held = this.#held.filter(({ pid }) => this.#processes.isAlive(pid));
    const key = comparableKey(hostKey);
    return key === null ? [] : this.#held.filter((held) => equal(held.hostKey, key));
  }

  #hear(): void {
    const heardAt = this.#now();
    for (const text of this.#file.newLines()) {
      const line = parseClaimLine(text);
      if (line !== null) this.#held.push({ ...line, heardAt, taken: false });
    }
    if (this.#held.length > MAX_HELD) this.#held = this.#held.slice(-MAX_HELD);
  }

  /** Not taken yet, and young enough. */
  #open(hostKey: Uint8Array): Held[] {
    const now = this.#now();
    return this.#living(hostKey).filter((held) => !held.taken && now - held.heardAt <= OLDEST_MS);
  }

  /** The claim of the process at the other end. */
  async #holderOf(hostKey: Uint8Array, peer: () => Promise<string | null>): Promise<Held | null> {
    const inode = await peer();
    if (inode === null) return null;
    return this.#open(hostKey).findLast(({ pid }) => this.#processes.holdsSocket(pid, inode)) ?? null;
  }

  #heard({ name, port, pid }: Pick<Held, 'name' | 'port' | 'pid'>): HeardClaim {
    return { name, port, pid, whole: async () => ({ name, port, pid, ...(await this.#processes.view(pid)) }) };
  }
}
