import type { Socket, SocketEvents, SocketPort } from '../ports.ts';

/** A socket whose other end is the test. */
export interface FakeSocket {
  readonly url: string;
  readonly events: SocketEvents;
  readonly sent: Uint8Array[];
  closed: boolean;
  /** Called with each frame that is sent. */
  onSent: (() => void) | undefined;
}

/** Sockets that go nowhere. */
export class FakeSockets implements SocketPort {
  readonly all: FakeSocket[] = [];

  connect(url: string, events: SocketEvents): Socket {
    const fake: FakeSocket = { url, events, sent: [], closed: false, onSent: undefined };
    this.all.push(fake);
    return {
      send: (bytes) => {
        fake.sent.push(bytes);
        fake.onSent?.();
      },
      close: () => {
        fake.closed = true;
      },
    };
  }

  get last(): FakeSocket {
    const fake = this.all.at(-1);
    if (!fake) throw new Error('no socket was made');
    return fake;
  }
}
