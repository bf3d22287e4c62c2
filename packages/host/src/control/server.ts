/** The daemon's end of the control socket: whoever can open it is the person (mode 0600 in a 0700 folder). */
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { PalmkeyError } from '@palmkey/envelope';
import * as v from 'valibot';
import { ControlError } from './control-error.ts';
import { encodeLine, LineReader } from './lines.ts';
import type { CallName, Calls, ControlFailure } from './protocol.ts';

/** What a handler knows of the connection that called it. */
export interface Caller<Name extends CallName> {
  emit(event: Calls[Name]['event']): void;
  /** Aborts when the connection ends: nobody is left to answer. */
  readonly signal: AbortSignal;
  /** One object for all calls of one connection. */
  readonly connection: object;
}

export type Handlers = {
  [Name in CallName]: (args: Calls[Name]['args'], caller: Caller<Name>) => Promise<Calls[Name]['result']>;
};

const schemas: { [Name in CallName]: v.GenericSchema<unknown, Calls[Name]['args']> } = {
  status: v.object({}),
  watch: v.object({}),
  log: v.object({ limit: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_000)) }),
  pair: v.object({ relay: v.exactOptional(v.string()), app: v.exactOptional(v.string()) }),
  'pair-code': v.object({ code: v.string() }),
  unpair: v.object({ phone: v.string() }),
  stop: v.object({}),
};
const call = v.looseObject({ id: v.number(), call: v.picklist(Object.keys(schemas) as CallName[]) });

export class ControlServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #handlers: Handlers;

  private constructor(handlers: Handlers) {
    this.#handlers = handlers;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  /** Listens at `path`; what stands there is taken for left over, since the folder is held by this process. */
  static async listen(path: string, handlers: Handlers): Promise<ControlServer> {
    const control = new ControlServer(handlers);
    rmSync(path, { force: true });
    await new Promise<void>((resolve, reject) => {
      control.#server.once('error', reject);
      control.#server.listen(path, resolve);
    });
    chmodSync(path, 0o600);
    return control;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroySoon();
    await closed;
  }

  #serve(socket: Socket): void {
    const gone = new AbortController();
    const reader = new LineReader();
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#sockets.delete(socket);
      gone.abort();
    });
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const value of reader.push(chunk)) void this.#answer(value, socket, gone.signal);
      } catch {
        socket.destroy();
      }
    });
  }

  async #answer(value: unknown, socket: Socket, signal: AbortSignal): Promise<void> {
    const head = v.safeParse(call, value);
    if (!head.success) return void socket.destroy();
    const { id, call: name } = head.output;
    const write = (line: object) => {
      if (socket.writable) socket.write(encodeLine({ id, ...line }));
    };
    try {
      write({
        result: await this.#run(name, value, { emit: (event) => write({ event }), signal, connection: socket }),
      });
    } catch (error) {
      write({ error: failureOf(error) });
    }
  }

  async #run<Name extends CallName>(name: Name, value: unknown, caller: Caller<Name>): Promise<Calls[Name]['result']> {
    const args = v.safeParse(schemas[name], value);
    if (!args.success) throw new ControlError('bad-call', { call: name });
    return (await this.#handlers[name](args.output, caller)) ?? null;
  }
}

function failureOf(error: unknown): ControlFailure {
  if (error instanceof ControlError) return { code: error.code, detail: error.detail };
  if (error instanceof PalmkeyError) return { code: error.code, detail: { message: error.message } };
  return { code: 'internal', detail: { message: error instanceof Error ? error.message : 'unknown' } };
}
