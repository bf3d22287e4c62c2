import type { Logger } from 'pino';
import type { AdmissionMode } from './admission.ts';
import type { Clock } from './clock.ts';
import { RelayStartError } from './errors.ts';

/** How a relay is to run. */
export interface RelayOptions {
  /** The address to listen at; loopback, unless the relay is meant for other machines. */
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /**
   * The URL origins by which devices reach it; the first is its {@link Relay.url}. May be empty on loopback: then it
   * goes by the address it listens at and, with the same port, by `localhost`.
   */
  readonly origins: readonly string[];
  readonly admission: AdmissionMode;
  /** Allows `open` beyond loopback: any device in the world may then use this relay. */
  readonly openToAnyone?: boolean;
  /** The store's file, made if it is not there. */
  readonly databasePath: string;
  /** The folder of the built app, to be served too. */
  readonly appDir?: string;
  /** The most connections at one time; 10,000 if left out. */
  readonly maxConnections?: number;
  /** Whether to believe the last address of `X-Forwarded-For`: only behind a proxy that sets it. */
  readonly trustProxy?: boolean;
  readonly logger: Logger;
  /** The machine's clock if left out. */
  readonly clock?: Clock;
}

/** Throws {@link RelayStartError} for options that contradict each other or open more than they say. */
export function checkOptions(options: RelayOptions): void {
  const loopback = isLoopback(options.host);
  if (options.admission === 'open' && !loopback && options.openToAnyone !== true) {
    throw new RelayStartError('open-to-anyone', 'an open relay beyond loopback must be asked for');
  }
  if (options.origins.length === 0 && !loopback) {
    throw new RelayStartError('no-origin', 'a relay beyond loopback must know its origins');
  }
  for (const origin of options.origins) {
    if (!isHttpOrigin(origin)) throw new RelayStartError('bad-origin', 'an origin is scheme, host and port');
  }
}

/** The origins that a relay on `port` answers to; never empty after {@link checkOptions}. */
export function ownOrigins(options: RelayOptions, port: number): readonly string[] {
  if (options.origins.length > 0) return options.origins;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return [...new Set([host, 'localhost'])].map((name) => new URL(`http://${name}:${port}`).origin);
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.[0-9]{1,3}){3}$/.test(host);
}

function isHttpOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return (url.protocol === 'http:' || url.protocol === 'https:') && url.origin === text;
}
