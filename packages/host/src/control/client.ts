/** The command line's end of the control socket. */
import { createConnection, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import * as v from 'valibot';
import { ControlError } from './control-error.ts';
import { encodeLine, LineReader } from './lines.ts';
import type { CallName, Calls } from './protocol.ts';
import { isRenewing } from './renewing-mark.ts';

/** A daemon begins anew in a fraction of a second; one that ended meanwhile is not waited for longer than this. */
const renewingTries = 100;
const renewingPauseMs = 50;

const answer = v.looseObject({
  id: v.number(),
  event: v.optional(v.unknown()),
  result: v.optional(v.unknown()),
  error: v.optional(
    v.object({ code: v.string(), detail: v.record(v.string(), v.union([v.string(), v.number(), v.null()])) }),
  ),
});

interface Open {
  resolve(result: unknown): void;
  reject(error: ControlError): void;
  onEvent(event: unknown): void;
}

export class ControlClient {
  readonly #socket: Socket;
  readonly #open = new Map<number, Open>();
  #next = 1;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const reader = new LineReader();
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const value of reader.push(chunk)) this.#take(value);
      } catch {
        socket.destroy();
      }
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      for (const call of this.#open.values()) call.reject(new ControlError('disconnected'));
      this.#open.clear();
    });
  }

  /**
   * Connects; waits for a daemon that begins anew.
   * @throws ControlError `not-running` when nobody listens there.
   */
  static async connect(socketPath: string): Promise<ControlClient> {
    for (let tries = 0; tries < renewingTries && isRenewing(socketPath); tries++) await delay(renewingPauseMs);
    return ControlClient.#connect(socketPath);
  }

  static #connect(socketPath: string): Promise<ControlClient> {
    return new Promise((resolve, reject) => {
      const socket = createConnection(socketPath);
      const failed = (cause: Error) => reject(new ControlError('not-running', { socket: socketPath }, { cause }));
      socket.once('error', failed);
      socket.once('connect', () => {
        socket.off('error', failed);
        resolve(new ControlClient(socket));
      });
    });
  }

  /**
   * Makes one call and waits for its end.
   * @throws ControlError with the daemon's code, or `disconnected`.
   */
  call<Name extends CallName>(
    name: Name,
    args: Calls[Name]['args'],
    onEvent: (event: Calls[Name]['event']) => void = () => undefined,
  ): Promise<Calls[Name]['result']> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      if (!this.#socket.writable) {
        reject(new ControlError('disconnected'));
        return;
      }
      this.#open.set(id, {
        resolve: (result) => resolve(result as Calls[Name]['result']),
        reject,
        onEvent: (event) => onEvent(event as Calls[Name]['event']),
      });
      this.#socket.write(encodeLine({ id, call: name, ...args }));
    });
  }

  close(): void {
    this.#socket.end();
  }

  #take(value: unknown): void {
    const line = v.parse(answer, value);
    const call = this.#open.get(line.id);
    if (call === undefined) return;
    if ('event' in line) return call.onEvent(line.event);
    this.#open.delete(line.id);
    if (line.error !== undefined) call.reject(new ControlError(line.error.code, line.error.detail));
    else call.resolve(line.result);
  }
}
