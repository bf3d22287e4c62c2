import { RelayError, toHex, type DeviceId, type RendezvousId, type RendezvousSender } from '@palmkey/envelope';
import type { Clock } from './clock.ts';
import { limits } from './limits.ts';
import type { Closed, RendezvousMessage, RendezvousStore } from './store/rendezvous-store.ts';

interface HallPorts {
  readonly clock: Clock;
  readonly store: RendezvousStore;
  /** Tells the other nodes that something has changed at a rendezvous. */
  readonly announce: (id: RendezvousId) => void;
}

/** Polls at one rendezvous that wait for the next change. */
type Waiting = Set<() => void>;

/**
 * Where two sides that do not know each other meet (spec/relay.md, "Rendezvous"): the rendezvous are in the store, and
 * whoever waits at one waits here. A method throws `RelayError`, and rejects as the store does.
 */
export class RendezvousHall {
  readonly #ports: HallPorts;
  readonly #waiting = new Map<string, Waiting>();
  #ended = false;

  constructor(ports: HallPorts) {
    this.#ports = ports;
  }

  /**
   * Opens one for at most an hour; an unused one of the same device may be closed for it. `conflict`: the id is open
   * already; `rendezvous-full`: too many.
   */
  async open(id: RendezvousId, opener: DeviceId): Promise<void> {
    const unused = await this.#ports.store.open(id, opener, this.#ports.clock.now());
    if (unused) this.#changed(unused);
  }

  /**
   * Closes one; returns the device that it admitted, if any: it is forgotten unless it is `keep`. `no-rendezvous` also
   * where another device opened it.
   */
  async close(id: RendezvousId, opener: DeviceId, keep: DeviceId | null): Promise<Closed | undefined> {
    const closed = await this.#ports.store.close(id, opener, keep, this.#ports.clock.now());
    this.#changed(id);
    return closed;
  }

  /** Leaves a message. `repeated`: the same was left before; `conflict`: another one under its triple. */
  async post(id: RendezvousId, message: RendezvousMessage): Promise<'posted' | 'repeated'> {
    const outcome = await this.#ports.store.post(id, message, this.#ports.clock.now());
    if (outcome === 'posted') this.#changed(id);
    return outcome;
  }

  /**
   * All messages of others with `seqno >= low`, by sender and seqno; where there are none, waits up to `waitMs` for
   * one to come. Throws `no-rendezvous` if the rendezvous is closed meanwhile.
   */
  async messages(
    id: RendezvousId,
    receiver: RendezvousSender,
    low: number,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<readonly RendezvousMessage[]> {
    const { clock, store } = this.#ports;
    const until = clock.now() + Math.min(waitMs, limits.maxPollMs);
    for (;;) {
      // From before the store is asked, so that what comes meanwhile is not missed.
      using change = this.#change(id, until, signal);
      const found = await store.messages(id, receiver, low, clock.now());
      if (found.length > 0 || clock.now() >= until || signal.aborted || this.#ended) return found;
      await change.come;
    }
  }

  /** The rendezvous of a nameplate, which is burnt by it; `no-nameplate` for one that is burnt or was never given. */
  async claim(nameplate: number): Promise<RendezvousId> {
    return this.#ports.store.claimNameplate(nameplate, this.#ports.clock.now());
  }

  /** Something has changed at a rendezvous, here or at another node: whoever waits there looks again. */
  wake(id: Uint8Array): void {
    for (const look of [...(this.#waiting.get(toHex(id)) ?? [])]) look();
  }

  /** Answers all who wait: the rendezvous stay open, and are found at the next start. */
  end(): void {
    this.#ended = true;
    for (const waiting of [...this.#waiting.values()]) for (const look of [...waiting]) look();
  }

  #changed(id: RendezvousId): void {
    this.wake(id);
    this.#ports.announce(id);
  }

  /** The next change, the end of the time, or the poll given up; throws where too many wait already. */
  #change(id: RendezvousId, until: number, signal: AbortSignal): Disposable & { readonly come: Promise<void> } {
    const key = toHex(id);
    const waiting: Waiting = this.#waiting.get(key) ?? new Set();
    if (waiting.size >= limits.pollsPerRendezvous) throw new RelayError('rendezvous-full');
    this.#waiting.set(key, waiting);
    let look: () => void = () => undefined;
    const come = new Promise<void>((resolve) => (look = resolve));
    waiting.add(look);
    const { clock } = this.#ports;
    // What another node says may be lost with its bus: now and then the store is asked in any case.
    const cancel = clock.after(Math.min(Math.max(0, until - clock.now()), limits.lookAgainMs), look);
    signal.addEventListener('abort', look);
    return {
      come,
      [Symbol.dispose]: () => {
        cancel();
        signal.removeEventListener('abort', look);
        waiting.delete(look);
        if (waiting.size === 0) this.#waiting.delete(key);
      },
    };
  }
}
