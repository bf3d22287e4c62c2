/** The ways to a relay from Node: WebSockets, over `ws`, and lines, over its `fetch`. */
import { WebSocket } from 'ws';
import { HEADER_BYTES, MAX_BODY_BYTES } from '@palmkey/envelope';
import { httpLines } from './http-lines.ts';
import { racingSockets } from './racing-sockets.ts';
import { systemTimers, type Socket, type SocketEvents, type SocketPort, type Timers } from './ports.ts';

/** The relay pings every 30 s: a connection without a ping for so long is dead. */
const PING_WITHIN_MS = 75_000;
/** How long the relay may take to answer a close. */
const CLOSE_WITHIN_MS = 1_000;

/** WebSockets that end when no ping has come for 75 s. */
export function nodeSocketsWith(timers: Timers): SocketPort {
  return { connect: (url, events) => connect(url, events, timers) };
}

/** WebSockets for a program that runs in real time. */
export const nodeSockets: SocketPort = nodeSocketsWith(systemTimers);

/** WebSockets, and lines where those do not get through, for one relay and a program that runs in real time. */
export function nodeWays(random: (length: number) => Uint8Array): SocketPort {
  const line = httpLines({ fetch, timers: systemTimers, random });
  return racingSockets({ socket: nodeSockets, line }, systemTimers);
}

function connect(url: string, events: SocketEvents, timers: Timers): Socket {
  const ws = new WebSocket(url, { perMessageDeflate: false, maxPayload: HEADER_BYTES + MAX_BODY_BYTES });
  let cancelTimer: () => void = () => undefined;
  const terminateAfter = (delayMs: number): void => {
    cancelTimer();
    cancelTimer = timers.after(delayMs, () => {
      ws.terminate();
    });
  };
  ws.on('open', () => {
    terminateAfter(PING_WITHIN_MS);
    events.onOpen();
  });
  ws.on('ping', () => {
    if (ws.readyState === WebSocket.OPEN) terminateAfter(PING_WITHIN_MS);
  });
  ws.on('message', (data: Buffer, isBinary) => {
    if (isBinary) events.onMessage(data);
    else ws.close(1003);
  });
  // `ws` says why and then closes; the close is what counts.
  ws.on('error', () => undefined);
  ws.on('close', (code, reason) => {
    cancelTimer();
    events.onClose(code, reason.toString());
  });
  return {
    send: (bytes) => {
      if (ws.readyState === WebSocket.OPEN) ws.send(bytes);
    },
    close: () => {
      ws.close();
      if (ws.readyState !== WebSocket.CLOSED) terminateAfter(CLOSE_WITHIN_MS);
    },
  };
}
