import {
  FrameError,
  FrameType,
  parseFrame,
  parseRelayError,
  relayErrors,
  type Frame,
  type Grant,
} from '@palmkey/envelope';
import { answerChallenge, readAdmission, type Admission, type RelayDevice } from './handshake.ts';
import type { Socket, SocketPort } from './ports.ts';
import type { ConnectionFault } from './state.ts';

/** What a connection needs. */
export interface ConnectionOptions {
  readonly relay: string;
  readonly device: RelayDevice;
  readonly sockets: SocketPort;
  readonly random: (length: number) => Uint8Array;
  readonly grant: Grant | undefined;
}

/** What happens to a connection; nothing comes after `onEnd`, and nothing at all after `close()`. */
export interface ConnectionEvents {
  onAdmitted(admission: Admission): void;
  /** A frame after the admission, but for errors that end the connection. May throw `FrameError`, which ends it. */
  onFrame(frame: Frame): void;
  onEnd(fault: ConnectionFault, retryAfterMs: number): void;
}

/** One socket, from the challenge to its end. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #events: ConnectionEvents;
  readonly #socket: Socket;
  #phase: 'challenge' | 'answering' | 'admission' | 'open' | 'over' = 'challenge';

  constructor(options: ConnectionOptions, events: ConnectionEvents) {
    this.#options = options;
    this.#events = events;
    this.#socket = options.sockets.connect(socketUrl(options.relay), {
      onOpen: () => undefined,
      onMessage: (bytes) => {
        this.#receive(bytes);
      },
      onClose: () => {
        this.#end('not-connected');
      },
    });
  }

  /** Sends a frame; to be called after the admission. */
  send(frame: Uint8Array): void {
    this.#socket.send(frame);
  }

  /** Ends it without an event. */
  close(): void {
    this.#phase = 'over';
    this.#socket.close();
  }

  #receive(bytes: Uint8Array): void {
    if (this.#phase === 'over') return;
    try {
      this.#take(parseFrame(bytes));
    } catch (error) {
      this.#broken(error);
    }
  }

  #take(frame: Frame): void {
    if (frame.type === FrameType.error) {
      const error = parseRelayError(frame.body);
      if (this.#phase !== 'open' || relayErrors[error.code].closes) {
        this.#end(error.code, error.retryAfterMs);
        return;
      }
    }
    switch (this.#phase) {
      case 'challenge':
        this.#phase = 'answering';
        this.#answer(frame).catch((error: unknown) => {
          this.#broken(error);
        });
        return;
      case 'admission': {
        const admission = readAdmission(frame, this.#options.device);
        this.#phase = 'open';
        this.#events.onAdmitted(admission);
        return;
      }
      case 'open':
        this.#events.onFrame(frame);
        return;
      default:
        throw new FrameError('bad-frame', 'a frame before its time');
    }
  }

  async #answer(challenge: Frame): Promise<void> {
    const { device, relay, grant, random } = this.#options;
    const answer = await answerChallenge(challenge, device, relay, grant, random);
    if (this.#phase !== 'answering') return;
    this.#phase = 'admission';
    this.#socket.send(answer);
  }

  /** What came is not what a relay sends; anything else is this program's own fault and goes on. */
  #broken(error: unknown): void {
    if (!(error instanceof FrameError)) throw error;
    this.#end(error.code === 'unsupported-version' ? error.code : 'not-a-relay');
  }

  #end(fault: ConnectionFault, retryAfterMs = 0): void {
    if (this.#phase === 'over') return;
    this.close();
    this.#events.onEnd(fault, retryAfterMs);
  }
}

function socketUrl(origin: string): string {
  return `${origin.replace(/^http/, 'ws')}/v1/socket`;
}
