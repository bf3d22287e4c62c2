/** The talk with the script on a server. */
import { randomBytes } from 'node:crypto';
import {
  parseScriptLine,
  type ScriptCommand,
  type ScriptFacts,
  scriptInput,
  type ScriptLine,
} from './remote-script.ts';
import type { SshRun } from './ssh-run.ts';

const maxPending = 64 * 1024;

export class RemoteShell {
  readonly #ssh: SshRun;
  readonly #mark: string;
  #text = '';
  #lines: ScriptLine[] = [];
  #heard: () => void = () => undefined;

  /** On an ssh whose command is the script's. */
  constructor(ssh: SshRun, facts: Omit<ScriptFacts, 'mark'>) {
    this.#ssh = ssh;
    this.#mark = `palmkey-${randomBytes(12).toString('hex')}`;
    ssh.onOutput((text) => this.#hear(text));
    ssh.write(scriptInput({ ...facts, mark: this.#mark }));
  }

  /** Whether the script runs there. Throws CliError `no-ssh`, or the signal's reason. */
  async isReady(): Promise<boolean> {
    return (await this.#until('ready')) !== null;
  }

  /** What it answers; null where the connection ended before it had. Throws as {@link isReady}. */
  ask(command: ScriptCommand): Promise<readonly ScriptLine[] | null> {
    this.#ssh.write(`${command}\n`);
    return this.#until('end');
  }

  async #until(last: 'ready' | 'end'): Promise<readonly ScriptLine[] | null> {
    const ended = this.#ssh.ended().then(() => 'ended' as const);
    for (;;) {
      const at = this.#lines.findIndex(({ is }) => is === last);
      if (at >= 0) return this.#lines.splice(0, at + 1).slice(0, -1);
      const news = new Promise<'news'>((resolve) => (this.#heard = () => resolve('news')));
      if ((await Promise.race([news, ended])) === 'ended' && !this.#lines.some(({ is }) => is === last)) return null;
    }
  }

  #hear(text: string): void {
    const lines = (this.#text + text).split('\n');
    this.#text = (lines.pop() ?? '').slice(-maxPending);
    for (const line of lines) {
      // A greeting without an end may stand before it.
      const at = line.indexOf(`${this.#mark} `);
      const found = at < 0 ? null : parseScriptLine(line.slice(at + this.#mark.length + 1));
      if (found !== null && this.#lines.length < 256) this.#lines.push(found);
    }
    this.#heard();
  }
}
