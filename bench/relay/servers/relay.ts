/**
 * Palmkey's relay alone, from options given as JSON: `relay '{"port":1,"store":"..."}'`. Limits are on; those
 * that are counted for each device are raised, since here few devices do the work of thousands. Signal USR2, with
 * --expose-gc: collects garbage and prints `rss BYTES heap BYTES external BYTES`.
 */
import { keepYoungHeapSmall } from '@palmkey/relay/young-heap';
import { pino } from 'pino';

// As the command does, and before the rest is loaded.
keepYoungHeapSmall();
const { startRelay } = await import('@palmkey/relay');
const options = JSON.parse(process.argv[2] ?? '{}') as { port: number; store: string };
process.on('SIGUSR2', () => {
  globalThis.gc?.();
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  console.log(`rss ${rss} heap ${heapUsed} external ${external}`);
});
const relay = await startRelay({
  host: '127.0.0.1',
  origins: [],
  admission: 'open',
  maxConnections: 12_000,
  rates: { burstFrames: 1e9, framesPerSecond: 1e9, burstFramesOfAccount: 1e9, framesPerSecondOfAccount: 1e9 },
  logger: pino({ level: 'warn' }),
  ...options,
});
process.on('SIGTERM', () => void relay.close());
console.log('listens');
