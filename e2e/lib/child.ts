/** A program that a test starts, listens to, and ends by its process id. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface ChildOptions {
  readonly env?: Record<string, string | undefined>;
  readonly cwd?: string;
  readonly stdin?: 'pipe' | 'ignore';
}

export class Child implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #waiting = new Set<() => void>();
  stdout = '';
  stderr = '';
  exitCode: number | null = null;

  constructor(command: string, args: readonly string[], options: ChildOptions = {}) {
    this.#child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: [options.stdin ?? 'ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#heard('stdout', text));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#heard('stderr', text));
    this.#child.on('close', (code, signal) => {
      this.exitCode = code ?? (signal === null ? 1 : 128);
      this.#wake();
    });
    this.#child.on('error', (error) => {
      this.stderr += error.message;
      this.exitCode = 127;
      this.#wake();
    });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get output(): string {
    return this.stdout + this.stderr;
  }

  write(text: string): void {
    this.#child.stdin?.write(text);
  }

  kill(signal: NodeJS.Signals = 'SIGTERM'): void {
    this.#child.kill(signal);
  }

  /** The first match in what it printed, so far or later. Throws when it ends or falls silent for `timeoutMs`. */
  async prints(pattern: RegExp, timeoutMs = 30_000): Promise<RegExpExecArray> {
    const found = await this.#until(() => pattern.exec(this.output), timeoutMs, `printing ${pattern.source}`);
    return found;
  }

  /** Its exit code. */
  async ended(timeoutMs = 30_000): Promise<number> {
    const code = await this.#until(() => (this.exitCode === null ? null : [this.exitCode]), timeoutMs, 'ending');
    return code[0] ?? 1;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.exitCode !== null) return;
    this.#child.kill('SIGTERM');
    const late = setTimeout(() => this.#child.kill('SIGKILL'), 5_000);
    await once(this.#child, 'close');
    clearTimeout(late);
  }

  #heard(stream: 'stdout' | 'stderr', text: string): void {
    this[stream] += text;
    this.#wake();
  }

  #wake(): void {
    for (const check of this.#waiting) check();
  }

  #until<T>(look: () => T | null, timeoutMs: number, what: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const done = () => {
        this.#waiting.delete(check);
        clearTimeout(timer);
      };
      const fail = (why: string) => {
        done();
        reject(new Error(`${why} before ${what}; it printed:\n${this.output}`));
      };
      const check = () => {
        const found = look();
        if (found !== null) {
          done();
          resolve(found);
        } else if (this.exitCode !== null) fail(`ended with ${this.exitCode}`);
      };
      const timer = setTimeout(() => fail(`${timeoutMs} ms passed`), timeoutMs);
      this.#waiting.add(check);
      check();
    });
  }
}

/** Runs a program to its end. */
export async function runProgram(
  command: string,
  args: readonly string[],
  options: ChildOptions & { timeoutMs?: number } = {},
): Promise<Child> {
  const child = new Child(command, args, options);
  await child.ended(options.timeoutMs ?? 60_000);
  return child;
}
