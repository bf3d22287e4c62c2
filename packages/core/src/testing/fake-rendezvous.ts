import type { RendezvousChannel } from '../pairing/index.ts';

/** A fault at the channel: what becomes of the `index`-th message (from 0) that a side posts. */
export type ChannelFault = (
  message: Uint8Array,
  index: number,
) => readonly Uint8Array[] | Promise<readonly Uint8Array[]>;

/** Nothing happens to it. */
export const faithful: ChannelFault = (message) => [message];
/** The `which`-th message is lost. */
export const drop =
  (which: number): ChannelFault =>
  (message, index) =>
    index === which ? [] : [message];
/** Every message arrives twice. */
export const duplicate: ChannelFault = (message) => [message, message];
/** The `which`-th message arrives as `change` makes it. */
export const replace =
  (which: number, change: (message: Uint8Array) => Uint8Array | Promise<Uint8Array>): ChannelFault =>
  async (message, index) => [index === which ? await change(message) : message];
/** The `which`-th message is held back until the next one has gone. */
export const swapWithNext = (which: number): ChannelFault => {
  let held: Uint8Array | null = null;
  return (message, index) => {
    if (index === which) {
      held = message;
      return [];
    }
    const out = held ? [message, held] : [message];
    held = null;
    return out;
  };
};

interface Side {
  readonly queue: Uint8Array[];
  wake: (() => void) | null;
}

/** A rendezvous in memory: what one side posts all other sides get. */
export class FakeRendezvous {
  /** Every message that was posted, in order, before its fault. */
  readonly posted: Uint8Array[] = [];
  readonly #sides: Side[] = [];

  /** One more side; with `reflects` it gets its own messages too. */
  join(fault: ChannelFault = faithful, reflects = false): RendezvousChannel {
    const side: Side = { queue: [], wake: null };
    this.#sides.push(side);
    let index = 0;
    return {
      post: async (message) => {
        this.posted.push(message);
        for (const out of await fault(message, index++)) {
          for (const other of this.#sides) if (other !== side || reflects) put(other, out);
        }
      },
      next: (signal) => take(side, signal),
    };
  }

  /** Puts a message before every side, as somebody else's. */
  inject(message: Uint8Array): void {
    this.posted.push(message);
    for (const side of this.#sides) put(side, message);
  }
}

function put(side: Side, message: Uint8Array): void {
  side.queue.push(message);
  side.wake?.();
}

function take(side: Side, signal: AbortSignal): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const attempt = () => {
      const message = side.queue.shift();
      if (!message) return;
      side.wake = null;
      resolve(message);
    };
    side.wake = attempt;
    signal.addEventListener('abort', () => {
      if (side.wake === attempt) side.wake = null;
      reject(new Error('aborted'));
    });
    attempt();
  });
}
