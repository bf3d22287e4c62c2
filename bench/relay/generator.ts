/** The load generator (generator/*.c) as this program drives it: by lines, in and out. */
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The core that servers run on, and the one for everything else. */
export const SERVER_CORE = '0';
export const OTHER_CORE = '1';

export type Protocol = 'palmkey' | 'forwarder' | 'nats' | 'nats-websocket' | 'mqtt';

/** What a run sends; see generator/generator.h. */
export interface RunOptions {
  /** First index and how many. */
  readonly senders: readonly [number, number];
  readonly recipients?: readonly [number, number];
  /** Each message goes to any recipient but its sender. */
  readonly spread?: boolean;
  /** Otherwise the recipient of sender i is always i + shift, round the recipients. */
  readonly shift?: number;
  /** Messages a second, all senders together; left out: as fast as the windows allow. */
  readonly rate?: number;
  /** The most messages of one sender that are on their way. */
  readonly window?: number;
  readonly broadcast?: boolean;
  readonly fanout?: number;
  /** Mail for so many seconds; 0 is live. */
  readonly lifetimeS?: number;
  readonly durable?: boolean;
  /** Waits for the relay's acks, not for the arrival. */
  readonly untilSettled?: boolean;
  readonly warmS?: number;
  readonly seconds: number;
  /** The most that each sender sends. */
  readonly each?: number;
  readonly pids: readonly number[];
}

/** Ms. */
export interface Latencies {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly most: number;
}

/** One run as the generator saw it. */
export interface RunResult {
  readonly seconds: number;
  readonly sent: number;
  readonly delivered: number;
  readonly settled: number;
  readonly stored: number;
  /** Neither arrived within 2 s, or refused. */
  readonly lost: number;
  /** utime + stime of the servers in the run. */
  readonly serverSeconds: number;
  readonly ownSeconds: number;
  readonly delivery: Latencies;
  readonly settlement: Latencies;
  /** How many errors of each number. */
  readonly refusals: Readonly<Record<string, number>>;
}

/** Compiles the generator into a folder; returns the program. Needs a C compiler as `cc`. */
export function compileGenerator(folder: string): string {
  const sources = new URL('generator/', import.meta.url);
  const files = readdirSync(sources).filter((name) => name.endsWith('.c'));
  const program = `${folder}/generator`;
  const flags = ['-O2', '-std=gnu11', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror'];
  execFileSync('cc', [...flags, '-o', program, ...files], { cwd: fileURLToPath(sources), stdio: 'inherit' });
  return program;
}

/** A generator that runs, with its connections. */
export class Generator implements AsyncDisposable {
  /** A frame that is for the connection itself. */
  onFrame: (index: number, frame: Uint8Array) => void = () => undefined;
  onOpen: (index: number) => void = () => undefined;
  onGone: (index: number) => void = () => undefined;
  readonly #child: ChildProcessWithoutNullStreams;
  #arrived: () => void = () => undefined;
  #result: ((result: RunResult) => void) | undefined;
  #failed: (error: Error) => void = () => undefined;
  /** Rejects when the generator ends. */
  readonly #ended: Promise<never>;

  constructor(program: string, protocol: Protocol, port: number) {
    this.#child = spawn('taskset', ['-c', OTHER_CORE, program, protocol, String(port)]);
    this.#ended = new Promise((_, reject) => (this.#failed = reject));
    this.#ended.catch(() => undefined);
    let said = '';
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    this.#child.on('close', () => {
      this.#failed(new Error(`the generator ended: ${said}`));
    });
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.#heard(line);
    });
  }

  /** Gives a connection, made or not, the 16 bytes by which messages find it. */
  identify(index: number, id: Uint8Array): void {
    this.#say(`id ${index} ${Buffer.from(id).toString('hex')}`);
  }

  /** Resolves when all of them can send (Palmkey: when all are open and are to authenticate). */
  async connect(first: number, count: number, port?: number): Promise<void> {
    let left = count;
    const before = this.onOpen;
    const all = new Promise<void>((resolve) => {
      this.onOpen = (index) => {
        before(index);
        left -= 1;
        if (left === 0) resolve();
      };
    });
    this.#say(`connect ${first} ${count}${port === undefined ? '' : ` ${port}`}`);
    await this.or(all);
    this.onOpen = before;
  }

  send(index: number, frame: Uint8Array): void {
    this.#say(`send ${index} ${Buffer.from(frame).toString('hex')}`);
  }

  close(index: number): void {
    this.#say(`close ${index}`);
  }

  async run(options: RunOptions): Promise<RunResult> {
    const { senders, recipients = senders, shift = 0, rate = 0, window = 256, fanout = 1 } = options;
    const words = {
      senders: senders.join('+'),
      recipients: recipients.join('+'),
      spread: options.spread === true ? 1 : 0,
      shift,
      rate,
      window,
      fanout,
      type: options.broadcast === true ? 2 : 1,
      lifetime: options.lifetimeS ?? 0,
      durable: options.durable === true ? 1 : 0,
      settled: options.untilSettled === true ? 1 : 0,
      warm: options.warmS ?? 0.3,
      seconds: options.seconds,
      each: options.each ?? 0,
    };
    const result = new Promise<RunResult>((resolve) => (this.#result = resolve));
    const pids = options.pids.map((pid) => ` pid=${pid}`).join('');
    this.#say(
      `run ${Object.entries(words)
        .map(([key, value]) => `${key}=${value}`)
        .join(' ')}${pids}`,
    );
    return this.or(result);
  }

  /** Resolves once so many messages more have come, in a run or not. */
  async expect(count: number): Promise<void> {
    const arrived = new Promise<void>((resolve) => (this.#arrived = resolve));
    this.#say(`expect ${count}`);
    await this.or(arrived);
  }

  /** Ends the run that is under way. */
  stop(): void {
    this.#say('stop');
  }

  /** What is awaited, or an error once the generator has ended. */
  or<T>(awaited: Promise<T>): Promise<T> {
    return Promise.race([awaited, this.#ended]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const closed = once(this.#child, 'close');
    this.#child.stdin.end();
    await closed;
  }

  #say(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  #heard(line: string): void {
    const [word = '', first = '', rest = ''] = line.split(' ');
    if (word === 'open') this.onOpen(Number(first));
    else if (word === 'gone') this.onGone(Number(first));
    else if (word === 'frame') this.onFrame(Number(first), new Uint8Array(Buffer.from(rest, 'hex')));
    else if (word === 'arrived') this.#arrived();
    else if (word === 'result') this.#result?.(JSON.parse(line.slice('result '.length)) as RunResult);
  }
}
