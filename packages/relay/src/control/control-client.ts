import { createConnection, type Socket } from 'node:net';
import * as v from 'valibot';
import { jsonLine, JsonLines } from './lines.ts';
import { operatorFault, OperatorError } from './operator-error.ts';
import { callSchemas, type CallArgs, type CallName, type CallResult, type OperatorDesk } from './protocol.ts';

/** A list of ten thousand devices is 3 MB. */
const LONGEST_ANSWER = 16 * 1024 * 1024;

const answer = v.object({
  id: v.number(),
  result: v.optional(v.unknown()),
  error: v.optional(v.object({ code: v.string(), subject: v.nullable(v.string()) })),
});

interface Open {
  resolve(result: unknown): void;
  reject(error: OperatorError): void;
}

/** The operator's end of the control socket. */
export class ControlClient implements Disposable {
  /** All that can be asked. */
  readonly desk: OperatorDesk;
  readonly #socket: Socket;
  readonly #open = new Map<number, Open>();
  #next = 1;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.desk = Object.fromEntries(
      Object.keys(callSchemas).map((name) => [name, (args: object) => this.#call(name as CallName, args)]),
    ) as unknown as OperatorDesk;
    const lines = new JsonLines(LONGEST_ANSWER);
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const value of lines.push(chunk)) this.#take(value);
      } catch {
        socket.destroy();
      }
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      for (const call of this.#open.values()) call.reject(new OperatorError('relay-gone'));
      this.#open.clear();
    });
  }

  /** Rejects with {@link OperatorError} `no-relay` where nobody listens. */
  static connect(path: string): Promise<ControlClient> {
    return new Promise((resolve, reject) => {
      const socket = createConnection(path);
      const failed = (cause: Error) => reject(new OperatorError('no-relay', null, cause));
      socket.once('error', failed);
      socket.once('connect', () => {
        socket.off('error', failed);
        resolve(new ControlClient(socket));
      });
    });
  }

  [Symbol.dispose](): void {
    this.#socket.end();
  }

  #call<Name extends CallName>(name: Name, args: CallArgs<Name>): Promise<CallResult<Name>> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      if (!this.#socket.writable) {
        reject(new OperatorError('relay-gone'));
        return;
      }
      // The relay is this very program, and its socket the operator's own: what it answers is taken as it is.
      this.#open.set(id, { resolve: (result) => resolve(result as CallResult<Name>), reject });
      this.#socket.write(jsonLine({ ...args, id, call: name }));
    });
  }

  #take(value: unknown): void {
    const { id, result, error } = v.parse(answer, value);
    const call = this.#open.get(id);
    if (call === undefined) return;
    this.#open.delete(id);
    if (error === undefined) call.resolve(result);
    else call.reject(new OperatorError(operatorFault(error.code), error.subject));
  }
}
