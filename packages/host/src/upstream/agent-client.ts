import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { AgentFrames, encodeAgentFrame } from '@palmkey/core/ssh';

/** One connection to another agent: requests one after the other, as OpenSSH's client makes them. */
export class AgentClient {
  readonly #socket: Socket;
  readonly #frames = new AgentFrames();
  #answered: ((answer: Uint8Array | null) => void) | null = null;
  #tail: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(path: string) {
    this.#socket = connect(path);
    this.#socket.unref();
    this.#socket.on('data', (chunk) => this.#take(chunk));
    this.#socket.on('error', () => this.close());
    this.#socket.on('close', () => this.close());
    this.#socket.on('end', () => this.close());
  }

  /** Whether it is of no more use: it could not connect, was closed, or spoke what no agent speaks. */
  get closed(): boolean {
    return this.#closed;
  }

  /** The answer to a message, both without their lengths; null when the connection ends first. Never rejects. */
  ask(message: Uint8Array): Promise<Uint8Array | null> {
    const answer = this.#tail.then(() => this.#exchange(message));
    this.#tail = answer;
    return answer;
  }

  /** What is being asked is answered with null. */
  close(): void {
    this.#closed = true;
    this.#socket.destroy();
    this.#answer(null);
  }

  #exchange(message: Uint8Array): Promise<Uint8Array | null> {
    if (this.#closed) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#answered = resolve;
      this.#socket.write(encodeAgentFrame(message));
    });
  }

  #take(chunk: Uint8Array): void {
    try {
      for (const frame of this.#frames.push(chunk)) {
        // An answer that nobody asked for: whatever this is, its next answer would be taken for another's.
        if (this.#answered === null) return this.close();
        this.#answer(frame);
      }
    } catch {
      this.close();
    }
  }

  #answer(answer: Uint8Array | null): void {
    const answered = this.#answered;
    this.#answered = null;
    answered?.(answer);
  }
}
