import { chmod, rm } from 'node:fs/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { PalmkeyError } from '@palmkey/envelope';
import type { Logger } from 'pino';
import * as v from 'valibot';
import { jsonLine, JsonLines } from './lines.ts';
import { OperatorError } from './operator-error.ts';
import { callSchemas, type CallName, type OperatorDesk } from './protocol.ts';

/** A call is short. */
const LONGEST_CALL = 64 * 1024;
/** Connections at one time: people, not programs. */
const CONNECTIONS = 16;

const numbered = v.looseObject({ id: v.number(), call: v.string() });

/** The relay's end of the control socket: whoever can open it is its operator. */
export class ControlServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  readonly #desk: OperatorDesk;
  readonly #logger: Logger;

  private constructor(desk: OperatorDesk, logger: Logger) {
    this.#desk = desk;
    this.#logger = logger;
    this.#server = createServer((socket) => {
      this.#serve(socket);
    });
    this.#server.maxConnections = CONNECTIONS;
  }

  /** Listens at `path`, with mode 0600; what a relay that was killed left there is taken away. Rejects as the system does. */
  static async listen(path: string, desk: OperatorDesk, logger: Logger): Promise<ControlServer> {
    const control = new ControlServer(desk, logger);
    await rm(path, { force: true });
    await new Promise<void>((resolve, reject) => {
      // Stays: a server that cannot take one more connection goes on with those it has.
      control.#server.on('error', reject);
      control.#server.listen(path, resolve);
    });
    await chmod(path, 0o600);
    return control;
  }

  /** Cuts what is open, and takes the socket away. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#open) socket.end();
    for (const socket of this.#open) socket.destroySoon();
    await closed;
  }

  #serve(socket: Socket): void {
    const lines = new JsonLines(LONGEST_CALL);
    this.#open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#open.delete(socket));
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const value of lines.push(chunk)) void this.#answer(value, socket);
      } catch {
        socket.destroy();
      }
    });
  }

  /** Never rejects: what goes wrong is the call's error, and what is no call ends the connection. */
  async #answer(value: unknown, socket: Socket): Promise<void> {
    const head = v.safeParse(numbered, value);
    if (!head.success) {
      socket.destroy();
      return;
    }
    const { id, call } = head.output;
    const answer = await this.#run(call, value).then(
      (result) => ({ id, result }),
      (error: unknown) => ({ id, error: this.#failure(call, error) }),
    );
    if (socket.writable) socket.write(jsonLine(answer));
  }

  async #run(call: string, value: unknown): Promise<unknown> {
    if (!isCall(call)) throw new OperatorError('unknown-call');
    const args = v.safeParse(callSchemas[call], value);
    if (!args.success) throw new OperatorError('unknown-call');
    this.#logger.info({ call }, 'an operator asks');
    const handler: (args: never) => Promise<unknown> = this.#desk[call];
    return handler(args.output as never);
  }

  #failure(call: string, error: unknown): { code: string; subject: string | null } {
    if (error instanceof OperatorError) return { code: error.code, subject: error.subject };
    this.#logger.error({ err: error, call }, 'an operator’s order failed');
    return { code: error instanceof PalmkeyError ? error.code : 'relay-fault', subject: null };
  }
}

function isCall(name: string): name is CallName {
  return Object.hasOwn(callSchemas, name);
}

/** Whether a relay answers at that socket now. */
export function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
