import type { Socket } from 'node:net';
import { AgentFrames } from '@palmkey/core/ssh';
import type { AgentContext } from './agent-context.ts';
import { ClientClaim } from './client-claim.ts';
import { ClientSession } from './client-session.ts';

/** What a client may send ahead of our answers; OpenSSH's send nothing ahead. */
const MAX_WAITING_FRAMES = 64;
const CLOSE_MS = 1000;

/** One client's socket: its requests are answered in order, and given up when it goes. */
export class AgentConnection {
  readonly #socket: Socket;
  readonly #frames = new AgentFrames();
  readonly #gone = new AbortController();
  readonly #session: ClientSession;
  #waiting = 0;
  #tail: Promise<void> = Promise.resolve();

  constructor(socket: Socket, number: number, agent: AgentContext) {
    this.#socket = socket;
    this.#session = new ClientSession(agent, number, new ClientClaim(socket, agent.claims), this.#gone.signal);
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('error', () => socket.destroy()); // a client that vanished; `close` follows
    socket.on('end', () => this.#gone.abort());
    socket.on('close', () => this.#gone.abort());
  }

  /** Gives up what is being asked (it is answered with a failure), then ends the connection; within a second. */
  async close(): Promise<void> {
    this.#gone.abort();
    // A client that does not read its answers cannot keep the agent from closing.
    const late = setTimeout(() => this.#socket.destroy(), CLOSE_MS);
    this.#socket.once('close', () => clearTimeout(late));
    await this.#tail;
    this.#socket.destroySoon();
  }

  #take(chunk: Uint8Array): void {
    let frames: Uint8Array[];
    try {
      frames = this.#frames.push(chunk);
    } catch {
      this.#session.refuse('malformed');
      this.#socket.destroy();
      return;
    }
    this.#waiting += frames.length;
    if (this.#waiting > MAX_WAITING_FRAMES) {
      this.#session.refuse('flood');
      this.#socket.destroy();
      return;
    }
    for (const frame of frames) {
      this.#tail = this.#tail.then(async () => {
        await this.#write(await this.#session.answer(frame));
        this.#waiting -= 1;
      });
    }
  }

  async #write(answer: Uint8Array): Promise<void> {
    if (this.#socket.destroyed || !this.#socket.writable || this.#socket.write(answer)) return;
    await new Promise<void>((resolve) => {
      this.#socket.once('drain', resolve).once('close', resolve);
    });
  }
}
