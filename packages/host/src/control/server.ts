/** The daemon's end of the control socket: whoever can open it is the person (mode 0600 in a 0700 folder). */
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { PalmkeyError } from '@palmkey/envelope';
import * as v from 'valibot';
import { isOrigin } from '../origin.ts';
import { StateError } from '../state/errors.ts';
import { ControlError } from './control-error.ts';
import { accountSchemas } from './account-calls.ts';
import { offerSchemas } from './offer-calls.ts';
import { passphraseSchemas } from './passphrase-calls.ts';
import { useSchemas } from './use-calls.ts';
import { encodeLine, LineReader } from './lines.ts';
import type { CallName, Calls, ControlFailure } from './protocol.ts';

/** What may wait for a client to read; one that reads so little watches no more. */
const maxUnreadBytes = 4 * 1024 * 1024;
/** How long a client may take to read its last answers when the daemon ends. */
const closeMs = 1000;

/** What a handler knows of the connection that called it. */
export interface Caller<Name extends CallName> {
  readonly emit: (event: Calls[Name]['event']) => void;
  /** Aborts when the connection ends: nobody is left to answer. */
  readonly signal: AbortSignal;
  /** One object for all calls of one connection. */
  readonly connection: object;
}

export type Handlers = {
  [Name in CallName]: (args: Calls[Name]['args'], caller: Caller<Name>) => Promise<Calls[Name]['result']>;
};

const origin = v.pipe(v.string(), v.check(isOrigin));
const base64Url = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]+$/));
const schemas: { [Name in CallName]: v.GenericSchema<unknown, Calls[Name]['args']> } = {
  status: v.object({}),
  watch: v.object({}),
  log: v.object({ limit: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_000)) }),
  pair: v.object({ relay: v.exactOptional(origin), app: v.exactOptional(origin) }),
  'pair-code': v.object({ code: v.string() }),
  unpair: v.object({ phone: v.string() }),
  'ping-phone': v.object({ phone: v.string() }),
  'git-sign': v.object({
    key: base64Url,
    object: base64Url,
    repository: v.nullable(v.object({ directory: v.string(), remote: v.nullable(v.string()) })),
    origin: v.object({
      programs: v.array(v.string()),
      terminal: v.nullable(v.string()),
      directory: v.nullable(v.string()),
    }),
  }),
  ...accountSchemas,
  ...offerSchemas,
  ...passphraseSchemas,
  ...useSchemas,
  stop: v.object({}),
};
const numbered = v.looseObject({ id: v.number(), call: v.string() });
const callName = v.picklist(Object.keys(schemas) as CallName[]);

export class ControlServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #connections = new Map<Socket, AbortController>();
  readonly #handlers: Handlers;

  private constructor(handlers: Handlers) {
    this.#handlers = handlers;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  /**
   * Listens at `path`; what stands there is taken for left over, since the folder is held by this process.
   * @throws StateError `not-writable` when there can be no socket.
   */
  static async listen(path: string, handlers: Handlers): Promise<ControlServer> {
    const control = new ControlServer(handlers);
    try {
      rmSync(path, { force: true });
      await new Promise<void>((resolve, reject) => {
        // Stays: a server that cannot take one more connection goes on with those it has.
        control.#server.on('error', reject);
        control.#server.listen(path, resolve);
      });
      chmodSync(path, 0o600);
    } catch (cause) {
      control.#server.close();
      throw new StateError('not-writable', path, null, cause);
    }
    return control;
  }

  /** Takes no more calls, and ends every connection once its answers are read, within a second. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const [socket, gone] of this.#connections) {
      socket.destroySoon();
      gone.abort();
    }
    const late = setTimeout(() => {
      for (const socket of this.#connections.keys()) socket.destroy();
    }, closeMs);
    await closed;
    clearTimeout(late);
  }

  #serve(socket: Socket): void {
    const gone = new AbortController();
    const reader = new LineReader();
    this.#connections.set(socket, gone);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#connections.delete(socket);
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

  /** Never throws: what goes wrong is the call's error, and what is no call ends the connection. */
  async #answer(value: unknown, socket: Socket, signal: AbortSignal): Promise<void> {
    const head = v.safeParse(numbered, value);
    if (!head.success) return void socket.destroy();
    const { id } = head.output;
    const write = (line: object) => {
      if (socket.writableLength > maxUnreadBytes) socket.destroy();
      if (socket.writable) socket.write(encodeLine({ id, ...line }));
    };
    try {
      const emit = (event: unknown) => write({ event });
      write({ result: await this.#run(head.output.call, value, { emit, signal, connection: socket }) });
    } catch (error) {
      write({ error: failureOf(error) });
    }
  }

  async #run(call: string, value: unknown, caller: Caller<CallName>): Promise<unknown> {
    const name = v.safeParse(callName, call);
    if (!name.success) throw new ControlError('bad-call', { call });
    return this.#call(name.output, value, caller);
  }

  async #call<Name extends CallName>(name: Name, value: unknown, caller: Caller<Name>): Promise<unknown> {
    const args = v.safeParse(schemas[name], value);
    if (!args.success) throw new ControlError('bad-call', { call: name });
    return (await this.#handlers[name](args.output, caller)) ?? null;
  }
}

function failureOf(error: unknown): ControlFailure {
  if (error instanceof ControlError) return { code: error.code, detail: error.detail };
  if (error instanceof StateError) return { code: error.code, detail: { path: error.path, found: error.found } };
  if (error instanceof PalmkeyError) return { code: error.code, detail: { message: error.message } };
  return { code: 'internal', detail: { message: error instanceof Error ? error.message : 'unknown' } };
}
