import { parseRelayError, type Frame, type RelayErrorCode } from '@palmkey/envelope';
import { pino } from 'pino';
import { startRelay, type Relay } from '../relay.ts';
import type { RelayOptions } from '../options.ts';

/** A relay on loopback for members, with a store in memory, and the lines that it logged. */
export async function testRelay(options: Partial<RelayOptions> = {}): Promise<Relay & { log: string[] }> {
  const log: string[] = [];
  const relay = await startRelay({
    host: '127.0.0.1',
    port: 0,
    origins: [],
    admission: 'members',
    store: ':memory:',
    logger: pino({ level: 'trace' }, { write: (line: string) => log.push(line) }),
    ...options,
  });
  return Object.assign(relay, { log });
}

/** The code of a frame that should be an error. */
export function codeOf(frame: Frame): RelayErrorCode {
  return parseRelayError(frame.body).code;
}
