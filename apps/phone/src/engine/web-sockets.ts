import { webPrimitives } from '@palmkey/core/crypto';
import type { SocketPort } from '@palmkey/relay-client';
import { browserSockets, httpLines, racingSockets, systemTimers } from '@palmkey/relay-client';

/** HTTP requests alone: a worker may be ended at any moment, and a WebSocket with it, where a line goes on. */
export const webLines = httpLines({
  fetch: (url, init) => fetch(url, { ...init, cache: 'no-store', credentials: 'omit' }),
  timers: systemTimers,
  random: (length) => webPrimitives.randomBytes(length),
});

/** WebSockets, and lines where the network breaks those; it remembers which way led to its relay. */
export function webSockets(): SocketPort {
  return racingSockets({ socket: browserSockets, line: webLines }, systemTimers);
}
