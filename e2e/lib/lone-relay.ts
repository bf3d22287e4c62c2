/** A relay with a store on disk, as its operator starts it: killed, started again, and weighed. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase, type Database } from '../../packages/relay/src/store/database.ts';
import type { Child } from './child.ts';
import { startPalmkeyIn } from './palmkey.ts';
import { freePort } from './temp.ts';

export interface LoneRelayOptions {
  /** The folder of its store; its home where left out. */
  readonly folder?: string;
  readonly args?: readonly string[];
  readonly env?: Record<string, string>;
}

export class LoneRelay implements AsyncDisposable {
  readonly port: number;
  readonly #home: string;
  readonly #options: LoneRelayOptions;
  child!: Child;

  private constructor(home: string, port: number, options: LoneRelayOptions) {
    this.#home = home;
    this.port = port;
    this.#options = options;
  }

  static async start(home: string, options: LoneRelayOptions = {}): Promise<LoneRelay> {
    const relay = new LoneRelay(home, await freePort(), options);
    await relay.start();
    return relay;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const { args = [], env = {} } = this.#options;
    const all = [
      'relay',
      '--no-app',
      '--port',
      String(this.port),
      '--store',
      this.#store,
      '--drain-time',
      '0s',
      ...args,
    ];
    this.child = startPalmkeyIn(env, this.#home, ...all);
    await this.child.prints(/palmkey up --relay|a computer joins with/, 60_000);
  }

  /** `kill -9`, and started again on the same port and store. */
  async crash(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.child.ended();
    await this.start();
  }

  /** Memory that is its own at the moment, MiB: what the kernel counts as resident (proc(5), `VmRSS`). */
  residentMiB(): number {
    const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
  }

  /** How many connections it counts as open. */
  async connections(): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    return Number(/^palmkey_connections(?:\{[^}]*\})? (\d+)$/m.exec(text)?.[1]);
  }

  /** Bytes of its store on disk, all files together. */
  storeBytes(): number {
    const files = readdirSync(this.#folder, { withFileTypes: true }).filter((file) => file.isFile());
    return files.reduce((sum, { name }) => sum + statSync(join(this.#folder, name)).size, 0);
  }

  /** Reads its store while it runs. */
  async look<T>(read: (database: Database['db']) => Promise<T>): Promise<T> {
    const { db, close } = await openDatabase(this.#store);
    try {
      return await read(db);
    } finally {
      await close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.child[Symbol.asyncDispose]();
  }

  get #folder(): string {
    return this.#options.folder ?? this.#home;
  }

  get #store(): string {
    return join(this.#folder, 'relay.sqlite');
  }
}
