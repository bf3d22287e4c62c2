/** A client of an SSH agent that sends whatever it is told to (RFC 9987, OpenSSH `PROTOCOL.agent`). */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import {
  AGENT_REQUEST,
  AgentFrames,
  encodeAgentFrame,
  type SessionBind,
  SshReader,
  SshWriter,
} from '@palmkey/core/ssh';

const answers = { success: 6, identities: 12, signature: 14 } as const;

export interface SignQuestion {
  /** The user key's blob. */
  readonly key: Uint8Array;
  readonly data: Uint8Array;
  readonly flags?: number;
}

export class RawAgent implements Disposable {
  readonly #socket: Socket;
  readonly #frames = new AgentFrames();
  readonly #answered: Uint8Array[] = [];
  readonly #waiting: { resolve: (frame: Uint8Array) => void; reject: (error: Error) => void }[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => {
      for (const frame of this.#frames.push(chunk)) {
        const first = this.#waiting.shift();
        if (first === undefined) this.#answered.push(frame);
        else first.resolve(frame);
      }
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error('the agent ended the connection'));
    });
  }

  static async connect(path: string): Promise<RawAgent> {
    const socket = connect(path);
    await once(socket, 'connect');
    return new RawAgent(socket);
  }

  /** One message and its answer, both without their lengths. */
  ask(message: Uint8Array): Promise<Uint8Array> {
    this.#socket.write(encodeAgentFrame(message));
    const early = this.#answered.shift();
    if (early !== undefined) return Promise.resolve(early);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** Whether the agent took the bind. */
  async bind(bind: SessionBind): Promise<boolean> {
    const answer = await this.ask(encodeBind(bind));
    return answer[0] === answers.success;
  }

  /** The signature blob, or null where the agent refused. */
  async sign({ key, data, flags = 0 }: SignQuestion): Promise<Uint8Array | null> {
    const message = new SshWriter().byte(AGENT_REQUEST.sign).string(key).string(data).uint32(flags).done();
    const reader = new SshReader(await this.ask(message));
    return reader.byte() === answers.signature ? reader.string() : null;
  }

  /** The blobs that it lists. */
  async list(): Promise<Uint8Array[]> {
    const reader = new SshReader(await this.ask(Uint8Array.of(AGENT_REQUEST.identities)));
    if (reader.byte() !== answers.identities) throw new Error('the agent lists nothing');
    return Array.from({ length: reader.uint32() }, () => {
      const blob = reader.string();
      reader.string();
      return blob;
    });
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

/** The agent message of a bind, without its length. */
export function encodeBind({ hostKey, sessionId, signature, forwarding }: SessionBind): Uint8Array {
  return new SshWriter()
    .byte(AGENT_REQUEST.extension)
    .name('session-bind@openssh.com')
    .string(hostKey)
    .string(sessionId)
    .string(signature)
    .bool(forwarding)
    .done();
}
