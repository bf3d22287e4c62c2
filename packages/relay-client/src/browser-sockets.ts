import type { Socket, SocketEvents, SocketPort } from './ports.ts';

/** What is used of the browser's WebSocket (WHATWG WebSockets Standard). */
interface BrowserSocket {
  binaryType: string;
  readonly readyState: number;
  send(data: Uint8Array): void;
  close(): void;
  addEventListener(type: 'open' | 'message' | 'close', listener: (event: BrowserEvent) => void): void;
}
interface BrowserEvent {
  readonly data?: unknown;
  readonly code?: number;
  readonly reason?: string;
}
declare const WebSocket: new (url: string) => BrowserSocket;

const OPEN = 1;

/** WebSockets of a browser. It answers the relay's pings by itself and does not say when a connection has died. */
export const browserSockets: SocketPort = {
  connect(url: string, events: SocketEvents): Socket {
    const ws = new WebSocket(url);
    ws.binaryType = 'arraybuffer';
    ws.addEventListener('open', () => {
      events.onOpen();
    });
    ws.addEventListener('message', ({ data }) => {
      if (data instanceof ArrayBuffer) events.onMessage(new Uint8Array(data));
      else ws.close();
    });
    ws.addEventListener('close', ({ code, reason }) => {
      events.onClose(code ?? 1006, reason ?? '');
    });
    return {
      send: (bytes) => {
        if (ws.readyState === OPEN) ws.send(bytes);
      },
      close: () => {
        ws.close();
      },
    };
  },
};
