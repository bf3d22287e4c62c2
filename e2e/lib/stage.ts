/** Everything that a login takes, once: relay, host, phone and server, each the real program. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ControlClient, type LogFact, paths } from '@palmkey/host/control';
import type { Page } from 'playwright-core';
import { openBrowser, type PhoneBrowser } from './browser.ts';
import type { Child } from './child.ts';
import { type Daemon, startPalmkeyIn, startUp } from './palmkey.ts';
import { pairFresh } from './phone.ts';
import { type SshClient, sshClient } from './ssh.ts';
import { type Sshd, startSshd } from './sshd.ts';
import { freePort, tempFolder } from './temp.ts';

export interface StageOptions {
  /** The relay in a process of its own, which can be killed by itself. */
  readonly ownRelay?: boolean;
  /** What the relay of its own is started with. */
  readonly relayEnv?: Record<string, string>;
  /** Also a key in a file, which the server accepts too. */
  readonly localKey?: boolean;
}

/** What `clock` makes of the host's time; see `shifted-clock.mjs`. */
export interface HostClock {
  readonly shiftMs?: number;
  readonly pace?: number;
}

export class Stage implements AsyncDisposable {
  readonly folder: string;
  readonly home: string;
  readonly port: number;
  daemon!: Daemon;
  relay: Child | null = null;
  browser!: PhoneBrowser;
  sshd!: Sshd;
  ssh!: SshClient;
  /** The phone's key as a line for authorized_keys. */
  keyLine!: string;
  readonly #options: StageOptions;
  readonly #temp = tempFolder();

  private constructor(port: number, options: StageOptions) {
    this.folder = this.#temp.path;
    this.home = join(this.folder, 'home');
    this.port = port;
    this.#options = options;
  }

  /** All of it, with the phone paired and on its inbox. */
  static async open(options: StageOptions = {}): Promise<Stage> {
    const stage = new Stage(await freePort(), options);
    try {
      await stage.#build();
      return stage;
    } catch (error) {
      await stage[Symbol.asyncDispose]();
      throw error;
    }
  }

  get origin(): string {
    return `http://localhost:${this.port}`;
  }

  get page(): Page {
    return this.browser.page;
  }

  async startRelay(): Promise<void> {
    const env = this.#options.relayEnv ?? {};
    this.relay = startPalmkeyIn(env, join(this.folder, 'relay'), 'relay', '--port', String(this.port));
    await this.relay.prints(/palmkey up --relay/);
  }

  startHost({ shiftMs = 0, pace = 1 }: HostClock = {}): void {
    const args = this.#options.ownRelay === true ? ['--relay', this.origin] : ['--no-try'];
    const preload = fileURLToPath(new URL('shifted-clock.mjs', import.meta.url));
    this.daemon = startUp({
      home: this.home,
      port: this.port,
      args,
      env: { NODE_OPTIONS: `--import ${preload}`, SHIFT_MS: String(shiftMs), PACE: String(pace) },
    });
  }

  /** The host ends and starts again, and sees the phone. */
  async restartHost(clock: HostClock = {}): Promise<void> {
    await this.daemon[Symbol.asyncDispose]();
    this.startHost(clock);
    await this.daemon.child.prints(/Ctrl-C stops/);
  }

  /** The app opened again on the same profile, which is the same phone. */
  async openApp(): Promise<void> {
    this.browser = await openBrowser(join(this.folder, 'phone'));
    await this.page.goto(this.origin);
  }

  /** `ssh server echo in`, in a terminal. */
  login(): Child {
    return this.ssh.startInTerminal('echo', 'logged-in');
  }

  /** How many logins the server let in. */
  accepted(): number {
    return [...this.sshd.log().matchAll(/Accepted publickey/g)].length;
  }

  async log(): Promise<LogFact[]> {
    const control = await ControlClient.connect(paths(this.home).controlSocket);
    try {
      return (await control.call('log', { limit: 1000 })).toSorted((a, b) => a.at - b.at);
    } finally {
      control.close();
    }
  }

  /** The outcomes of the logins that were asked, oldest first. */
  async outcomes(): Promise<(string | null)[]> {
    return (await this.log()).filter(({ kind }) => kind === 'login').map(({ outcome }) => outcome);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const part of [this.browser, this.sshd, this.daemon, this.relay] as (AsyncDisposable | null | undefined)[]) {
      await part?.[Symbol.asyncDispose]();
    }
    this.#temp[Symbol.dispose]();
  }

  async #build(): Promise<void> {
    if (this.#options.ownRelay === true) await this.startRelay();
    this.startHost();
    const paired = await pairFresh(this.daemon, join(this.folder, 'phone'));
    this.browser = paired.browser;
    this.keyLine = paired.keyLine;
    const localKey = this.#options.localKey === true ? join(this.folder, 'local_key') : undefined;
    if (localKey !== undefined) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', localKey]);
    this.sshd = await startSshd(join(this.folder, 'sshd'));
    this.sshd.authorize([
      paired.keyLine,
      ...(localKey === undefined ? [] : [readFileSync(`${localKey}.pub`, 'utf8').trim()]),
    ]);
    this.ssh = sshClient(this.folder, this.home, this.sshd, localKey === undefined ? {} : { localKey });
  }
}
