/** What happens to a socket; nothing comes after `onClose`. */
export interface SocketEvents {
  onOpen(): void;
  /** A binary message. Text messages count as a close. */
  onMessage(bytes: Uint8Array): void;
  /** The WebSocket close code, 1006 where there was none. */
  onClose(code: number, reason: string): void;
}

/** An open or opening WebSocket. */
export interface Socket {
  /** Sends a binary message; does nothing once the socket is closing. */
  send(bytes: Uint8Array): void;
  /** Closes it; what was sent before still goes out. */
  close(): void;
}

/** Port: makes WebSockets. */
export interface SocketPort {
  /** Dials `url` (`ws:` or `wss:`). Never throws and calls no event before it has returned. */
  connect(url: string, events: SocketEvents): Socket;
}

/** Port: time. */
export interface Timers {
  /** Ms since 1970 UTC. */
  now(): number;
  /** Runs `run` once after `delayMs`; what it returns cancels it. */
  after(delayMs: number, run: () => void): () => void;
}

/** Real time, in a browser as in Node. */
export const systemTimers: Timers = {
  now: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
};
