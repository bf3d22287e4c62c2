/** One `ssh` of the person's own, with its debug lines read as they come: which key the server knows, and which let it in. */
import { type ChildProcess, spawn } from 'node:child_process';
import { CliError } from '../cli-error.ts';

/** Why an ssh ended before it got in. */
export type SshFault = 'unreachable' | 'host-key' | 'denied';

const maxLine = 4096;
const maxKeys = 64;

export class SshRun {
  /** Fingerprints of the keys that the server said it would take, in order. */
  readonly accepted: string[] = [];
  /** Fingerprints of those that it was asked about. */
  readonly offered: string[] = [];
  /** How it got in (`publickey`, `password`, …), once it has; null through a connection that was open already. */
  method: string | null = null;
  /** The last that ssh said itself, for people. */
  words: string | null = null;
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #onIn: () => void = () => undefined;
  readonly #in: Promise<void>;
  #reachedKeys = false;
  #badHostKey = false;
  #line = '';

  /** `args` begin with what {@link sshOptions} gives; `signal` ends it. */
  constructor(args: readonly string[], signal: AbortSignal) {
    this.#in = new Promise((resolve) => (this.#onIn = resolve));
    this.#child = spawn('ssh', [...args], { stdio: ['pipe', 'pipe', 'pipe'], signal });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#hear(text));
    // One that ends before it has read all is told by its exit code.
    this.#child.stdin?.on('error', () => undefined);
    this.#ended = new Promise((resolve, reject) => {
      this.#child.on('error', (cause) => reject(signal.aborted ? cause : new CliError('no-ssh', {}, { cause })));
      this.#child.on('close', (code) => (signal.aborted ? reject(signal.reason as Error) : resolve(code)));
    });
    this.#ended.catch(() => undefined);
  }

  write(text: string): void {
    this.#child.stdin?.write(text);
  }

  onOutput(listener: (text: string) => void): void {
    this.#child.stdout?.setEncoding('utf8').on('data', listener);
  }

  /** Whether it got in, told as soon as it is known. Throws CliError `no-ssh`, or the signal's reason. */
  async gotIn(): Promise<boolean> {
    return Promise.race([this.#in.then(() => true), this.#ended.then(() => this.method !== null)]);
  }

  /** Its exit code, null after a signal. Throws as {@link gotIn}. */
  ended(): Promise<number | null> {
    return this.#ended;
  }

  /** No more input; ends it where that is not enough. */
  async close(): Promise<void> {
    this.#child.stdin?.end();
    const late = setTimeout(() => this.#child.kill(), 5_000);
    await this.#ended.catch(() => undefined);
    clearTimeout(late);
  }

  async kill(): Promise<void> {
    this.#child.kill();
    await this.#ended.catch(() => undefined);
  }

  /** Why it did not get in. */
  fault(): SshFault {
    if (this.#badHostKey) return 'host-key';
    return this.#reachedKeys ? 'denied' : 'unreachable';
  }

  #hear(text: string): void {
    const lines = (this.#line + text).split('\n');
    this.#line = (lines.pop() ?? '').slice(-maxLine);
    for (const line of lines) this.#read(line.replace(/\r$/, '').slice(0, maxLine));
  }

  #read(line: string): void {
    const [, known] = /^debug1: Server accepts key: .*(SHA256:[A-Za-z0-9+/]{43})(?: |$)/.exec(line) ?? [];
    if (known !== undefined && this.accepted.length < maxKeys) this.accepted.push(known);
    const [, asked] = /^debug1: Offering public key: .*(SHA256:[A-Za-z0-9+/]{43})(?: |$)/.exec(line) ?? [];
    if (asked !== undefined && this.offered.length < maxKeys) this.offered.push(asked);
    const [, method] = /^Authenticated to .* using "([a-z-]{1,40})"\.$/.exec(line) ?? [];
    if (method !== undefined) {
      this.method = method;
      this.#onIn();
    }
    if (line.startsWith('debug1: Authentications that can continue: ')) this.#reachedKeys = true;
    if (/^Host key verification failed\.|^No .* host key is known for /.test(line)) this.#badHostKey = true;
    if (!/^(?:debug\d: |OpenSSH_|Authenticated |Transferred: |Bytes per second: |\s*$)/.test(line)) this.words = line;
  }
}
