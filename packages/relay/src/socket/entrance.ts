import type { RelayErrorCode } from '@palmkey/envelope';
import type { Clock } from '../clock.ts';
import { networkOf } from '../http/network.ts';
import { limits, type Rates } from '../limits.ts';
import { TokenBucket } from './token-bucket.ts';

interface EntranceOptions {
  readonly clock: Clock;
  readonly rates: Rates;
  readonly maxConnections: number;
}

/**
 * How a connection is met: let in; told an error, which costs the relay a little; or turned away unheard, which costs it
 * next to nothing, since an address has gone as far beyond its limit as the limit itself.
 */
export type Welcome =
  | { readonly is: 'welcome' }
  | { readonly is: 'refused'; readonly code: RelayErrorCode; readonly retryAfterMs: number }
  | { readonly is: 'turned away'; readonly retryAfterMs: number };

interface Network {
  open: number;
  /** Twice the connections of a minute; the second half only to be told. */
  readonly bucket: TokenBucket;
}

/** Addresses that are remembered; beyond them only those that are, or that come when one is forgotten, get in. */
const MAX_NETWORKS = 100_000;

/** Counts connections of all kinds: together and by address, open and begun. An IPv6 network of 64 bits is one. */
export class Entrance {
  readonly #options: EntranceOptions;
  readonly #networks = new Map<string, Network>();
  #open = 0;
  #cancelSweep: () => void;

  constructor(options: EntranceOptions) {
    this.#options = options;
    this.#cancelSweep = options.clock.after(limits.pingEveryMs, this.#sweep);
  }

  /** How many connections are open, lines among them. */
  get size(): number {
    return this.#open;
  }

  /** Meets a connection; all but those turned away are counted as open until {@link leave}. */
  enter(address: string): Welcome {
    const { clock, rates, maxConnections } = this.#options;
    const network = this.#networkOf(address);
    const now = clock.steady();
    if (!network || this.#open >= 2 * maxConnections || network.open >= 2 * rates.connectionsPerAddress) {
      return { is: 'turned away', retryAfterMs: limits.pingEveryMs };
    }
    if (!network.bucket.take(now)) return { is: 'turned away', retryAfterMs: network.bucket.waitMs() };
    this.#open++;
    network.open++;
    if (this.#open > maxConnections || network.open > rates.connectionsPerAddress) {
      return { is: 'refused', code: 'too-many-connections', retryAfterMs: limits.pingEveryMs };
    }
    if (network.bucket.left < rates.connectionsPerMinute) {
      return { is: 'refused', code: 'rate-limited', retryAfterMs: Math.ceil(60_000 / rates.connectionsPerMinute) };
    }
    return { is: 'welcome' };
  }

  /** A connection that was counted has ended. */
  leave(address: string): void {
    this.#open--;
    const network = this.#networks.get(networkOf(address));
    if (network) network.open--;
  }

  /** Remembers nothing any more. */
  close(): void {
    this.#cancelSweep();
  }

  #networkOf(address: string): Network | undefined {
    const { clock, rates } = this.#options;
    const key = networkOf(address);
    let network = this.#networks.get(key);
    if (!network && this.#networks.size < MAX_NETWORKS) {
      const perMinute = rates.connectionsPerMinute;
      network = { open: 0, bucket: new TokenBucket(2 * perMinute, perMinute / 60, clock.steady()) };
      this.#networks.set(key, network);
    }
    return network;
  }

  readonly #sweep = (): void => {
    const { clock } = this.#options;
    this.#cancelSweep = clock.after(limits.pingEveryMs, this.#sweep);
    const now = clock.steady();
    for (const [key, network] of this.#networks) {
      if (network.open === 0 && network.bucket.isFull(now)) this.#networks.delete(key);
    }
  };
}
