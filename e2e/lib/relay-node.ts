/** A node of a relay: the built `palmkey relay` in a process of its own, which can be killed and started again. */
import { startPalmkey } from './palmkey.ts';
import type { Child } from './child.ts';

export interface RelayNodeOptions {
  /** Its PALMKEY_HOME. */
  readonly home: string;
  readonly port: number;
  /** The origin that devices dial: the same for all nodes. */
  readonly origin: string;
  readonly store: string;
  readonly bus: string;
}

export class RelayNode implements AsyncDisposable {
  readonly port: number;
  readonly #options: RelayNodeOptions;
  #child: Child | null = null;

  constructor(options: RelayNodeOptions) {
    this.port = options.port;
    this.#options = options;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get runs(): boolean {
    return this.#child?.exitCode === null;
  }

  /** What it has printed since it was started. */
  get output(): string {
    return this.#child?.output ?? '';
  }

  /** Starts it and waits until it listens. Throws with what it printed, and with none running, where it does not. */
  async start(): Promise<void> {
    const { home, port, origin, store, bus } = this.#options;
    const args = ['--port', String(port), '--public-url', origin, '--store', store, '--bus', bus, '--no-app'];
    this.#child = startPalmkey(home, 'relay', ...args, '--drain-time', '1s', '--log-level', 'warn');
    try {
      await this.#child.prints(/palmkey up --relay/, 60_000);
    } catch (error) {
      await this.kill();
      throw error;
    }
  }

  /** As an operator stops it: it says goodbye to its devices. */
  async stop(): Promise<void> {
    this.#child?.kill('SIGTERM');
    await this.#child?.ended(60_000);
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#child?.ended();
  }

  /** What it waits for, as `/ready` says it; nothing once it is ready. Throws where it does not say. */
  async waitsFor(): Promise<readonly string[]> {
    const answer = await fetch(`${this.url}/ready`, { signal: AbortSignal.timeout(10_000) });
    if (answer.ok) return [];
    const body: unknown = await answer.json();
    const waitsFor: unknown = typeof body === 'object' && body !== null && 'waitsFor' in body ? body.waitsFor : null;
    return Array.isArray(waitsFor) ? waitsFor.map(String) : ['?'];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child?.[Symbol.asyncDispose]();
  }
}
