import { connect, type Socket } from 'node:net';
import { AgentFrames, encodeAgentFrame } from '@palmkey/core/ssh';

/** A client that says just what a test wants it to. */
export class AgentClient {
  readonly socket: Socket;
  readonly #frames = new AgentFrames();
  readonly #answers: Uint8Array[] = [];
  #heard: () => void = () => undefined;

  constructor(path: string) {
    this.socket = connect(path);
    this.socket.on('error', () => undefined);
    this.socket.on('data', (chunk) => {
      this.#answers.push(...this.#frames.push(chunk));
      this.#heard();
    });
    this.socket.on('close', () => this.#heard());
  }

  send(message: Uint8Array): void {
    this.socket.write(encodeAgentFrame(message));
  }

  /** The next answer; null when the connection ended instead. */
  async next(): Promise<Uint8Array | null> {
    while (this.#answers.length === 0 && !this.socket.destroyed) {
      await new Promise<void>((resolve) => (this.#heard = resolve));
    }
    return this.#answers.shift() ?? null;
  }

  async ask(message: Uint8Array): Promise<number | undefined> {
    this.send(message);
    return (await this.next())?.[0];
  }
}
