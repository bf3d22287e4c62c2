import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** How long a server that runs may take to say its `INFO`. */
const ANSWER_WITHIN_MS = 1_000;
/** How long it may take to start on what it had kept. */
const READY_WITHIN_MS = 60_000;

/** A `nats-server` with JetStream, on loopback, with a folder of its own; it can be killed and started again. */
export class RealNats implements AsyncDisposable {
  readonly port: number;
  readonly folder: string;
  readonly #args: readonly string[];
  #child: ChildProcess | null = null;

  private constructor(port: number, args: readonly string[], configuration: string | undefined) {
    this.port = port;
    this.folder = mkdtempSync(join(tmpdir(), 'palmkey-nats-'));
    this.#args = [
      ...args,
      ...(configuration === undefined ? ['-js', '-sd', this.folder] : ['-c', this.#configurationFile]),
    ];
    if (configuration !== undefined) this.#write(configuration);
  }

  /** Whether this machine has the program; the full tests have made sure of it (`scripts/system.mjs`). */
  static isInstalled(): boolean {
    const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];
    return folders.some((folder) => existsSync(join(folder, 'nats-server')));
  }

  /** `args`: further ones for the program, such as `--user` and `--pass`; `configuration`: the text of its file. */
  static async start(args: readonly string[] = [], configuration?: string): Promise<RealNats> {
    const nats = new RealNats(await freePort(), args, configuration);
    await nats.restart();
    return nats;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#child?.pid ?? -1;
  }

  /** Starts it again where it was, on what it had kept. Throws, and ends it, if that takes a minute. */
  async restart(): Promise<void> {
    await this.kill();
    const args = ['-a', '127.0.0.1', '-p', String(this.port), ...this.#args];
    const child = spawn('nats-server', args, { stdio: 'ignore' });
    this.#child = child;
    const failed = once(child, 'exit').then(() => {
      throw new Error('nats-server ended at its start');
    });
    failed.catch(() => undefined);
    const giveUpAt = performance.now() + READY_WITHIN_MS;
    while (!(await Promise.race([answers(this.port), failed]))) {
      if (performance.now() > giveUpAt) {
        await this.kill();
        throw new Error('nats-server does not answer');
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Gives it another configuration, in place of the one that it was started with. */
  configure(configuration: string): void {
    this.#write(configuration);
    this.#child?.kill('SIGHUP');
  }

  /** As a power cut of the process: `kill -9`. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get #configurationFile(): string {
    return join(this.folder, 'nats.conf');
  }

  #write(configuration: string): void {
    // JetStream that a flag has switched on would be off after another configuration.
    writeFileSync(this.#configurationFile, `jetstream { store_dir: "${this.folder}" }\n${configuration}\n`);
  }
}

/** A port on loopback that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Whether a NATS server says its `INFO` at that port. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('data', () => end(true)).once('error', () => end(false));
    // A port that nobody listens at may connect to itself, and says nothing then.
    socket.once('close', () => resolve(false)).setTimeout(ANSWER_WITHIN_MS, () => end(false));
  });
}
