/** What stands behind the try-server's door: a shell that runs nothing. */
import { tryWords } from '../voice/try-words.ts';

/** The channel of one session, as far as the shell needs it. */
export interface ShellChannel {
  write(text: string): void;
  /** Ends the session with an exit status. */
  exit(status: number): void;
}

/** A command given to ssh: three are understood, none reaches this computer. */
export function answerCommand(command: string, channel: ShellChannel): void {
  const [name = '', ...words] = command.trim().split(/\s+/);
  switch (name) {
    case 'true':
      return channel.exit(0);
    case 'false':
      return channel.exit(1);
    case 'echo':
      channel.write(`${words.join(' ')}\n`);
      return channel.exit(0);
    default:
      channel.write(`${tryWords.noCommands}\n`);
      return channel.exit(127);
  }
}

/** An interactive session: a line editor as small as it can be. With a terminal (`pty`) it echoes. */
export class TryShell {
  readonly #channel: ShellChannel;
  readonly #pty: boolean;
  #line = '';

  constructor(channel: ShellChannel, welcome: readonly string[], pty: boolean) {
    this.#channel = channel;
    this.#pty = pty;
    for (const line of welcome) this.#say(line);
    this.#prompt();
  }

  /** Takes what was typed. */
  type(text: string): void {
    for (const character of text) {
      if (character === '\u0004' && this.#line === '') return this.#leave();
      if (character === '\u0003') this.#cancel();
      else if (character === '\u007f' || character === '\b') this.#erase();
      else if (character === '\r' || character === '\n') {
        if (this.#enter()) return;
      } else if (character >= ' ' && this.#line.length < longestLine) this.#add(character);
    }
  }

  /** The other side has sent its last: `ssh -T try < file` ends here. */
  end(): void {
    this.#channel.exit(0);
  }

  #add(character: string): void {
    this.#line += character;
    if (this.#pty) this.#channel.write(character);
  }

  #erase(): void {
    if (this.#line === '') return;
    this.#line = this.#line.replace(/.$/u, '');
    if (this.#pty) this.#channel.write('\b \b');
  }

  #cancel(): void {
    this.#line = '';
    this.#channel.write(this.#pty ? '^C\r\n' : '\n');
    this.#prompt();
  }

  /** Whether the session has ended with this line. */
  #enter(): boolean {
    const command = this.#line.trim();
    this.#line = '';
    if (this.#pty) this.#channel.write('\r\n');
    if (command === 'exit' || command === 'logout') {
      this.#leave();
      return true;
    }
    if (command === 'true' || command === '') this.#prompt();
    else {
      this.#say(command.startsWith('echo ') ? command.slice(5) : tryWords.noCommands);
      this.#prompt();
    }
    return false;
  }

  #leave(): void {
    this.#say(tryWords.bye);
    this.#channel.exit(0);
  }

  #say(line: string): void {
    this.#channel.write(line + (this.#pty ? '\r\n' : '\n'));
  }

  #prompt(): void {
    if (this.#pty) this.#channel.write('try$ ');
  }
}

const longestLine = 1024;
