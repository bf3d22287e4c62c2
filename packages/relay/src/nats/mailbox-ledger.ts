/** How much of a mailbox is counted as one. */
const CHUNK_BYTES = 64 * 1024;
/** Mailboxes that are counted at most; the one that was longest without mail is forgotten, and counts from nothing. */
const MOST = 20_000;

interface Chunk {
  last: number;
  bytes: number;
}

interface Account {
  bytes: number;
  readonly chunks: Chunk[];
}

/**
 * How many bytes this node has put into each mailbox. JetStream bounds a subject by messages alone, so each node bounds
 * the bytes of what it takes itself, and learns what is left of them from the first message that is still there.
 */
export class MailboxLedger {
  readonly #mailboxBytes: number;
  readonly #accounts = new Map<string, Account>();

  constructor(mailboxBytes: number) {
    this.#mailboxBytes = mailboxBytes;
  }

  /** Whether so many bytes more would be too many. */
  isFull(device: string, more: number): boolean {
    return (this.#accounts.get(device)?.bytes ?? 0) + more > this.#mailboxBytes;
  }

  /** Whether it is time to learn what is left: before the mailbox seems full. */
  isHalfFull(device: string): boolean {
    return (this.#accounts.get(device)?.bytes ?? 0) > this.#mailboxBytes / 2;
  }

  add(device: string, sequence: number, bytes: number): void {
    const account = this.#accounts.get(device) ?? { bytes: 0, chunks: [] };
    this.#accounts.delete(device);
    this.#accounts.set(device, account);
    account.bytes += bytes;
    const last = account.chunks.at(-1);
    if (last && last.bytes < CHUNK_BYTES) Object.assign(last, { last: sequence, bytes: last.bytes + bytes });
    else account.chunks.push({ last: sequence, bytes });
    const oldest = this.#accounts.keys().next();
    if (this.#accounts.size > MOST && oldest.done !== true) this.#accounts.delete(oldest.value);
  }

  /** What stands before this number is gone from the mailbox. */
  release(device: string, before: number): void {
    const account = this.#accounts.get(device);
    if (!account) return;
    const kept = account.chunks.findIndex(({ last }) => last >= before);
    const gone = account.chunks.splice(0, kept === -1 ? account.chunks.length : kept);
    for (const { bytes } of gone) account.bytes -= bytes;
    if (account.chunks.length === 0) this.#accounts.delete(device);
  }
}
