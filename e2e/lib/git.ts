/** Real git with settings of the test's own: nothing of the person's account is read or written. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child, runProgram } from './child.ts';

const bin = fileURLToPath(new URL('../../packages/cli/bin/palmkey.js', import.meta.url));

export class GitBench {
  readonly folder: string;
  readonly home: string;
  /** What `git config --global` reads and writes. */
  readonly globalConfig: string;
  readonly env: Record<string, string | undefined>;

  constructor(folder: string, home: string) {
    this.folder = folder;
    this.home = home;
    const userHome = join(folder, 'user');
    mkdirSync(userHome, { recursive: true });
    this.globalConfig = join(userHome, '.gitconfig');
    this.env = {
      HOME: userHome,
      XDG_CONFIG_HOME: join(userHome, '.config'),
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_TERMINAL_PROMPT: '0',
      GIT_EDITOR: 'true',
      SSH_AUTH_SOCK: undefined,
      NODE_OPTIONS: undefined,
      NO_COLOR: '1',
    };
  }

  /** git in a folder, to its end. */
  run(folder: string, ...args: string[]): Promise<Child> {
    return runProgram('git', args, { cwd: folder, env: this.env });
  }

  /** The same, and throws where git fails. */
  async ok(folder: string, ...args: string[]): Promise<string> {
    const { exitCode, output, stdout } = await this.run(folder, ...args);
    if (exitCode !== 0) throw new Error(`git ${args.join(' ')} ended with ${exitCode}:\n${output}`);
    return stdout;
  }

  start(folder: string, ...args: string[]): Child {
    return new Child('git', args, { cwd: folder, env: this.env });
  }

  /** In a terminal of its own. */
  inTerminal(folder: string, ...args: string[]): Child {
    const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
    const command = ['git', ...args].map(quote).join(' ');
    return new Child('script', ['-qefc', command, '/dev/null'], { cwd: folder, env: this.env, stdin: 'pipe' });
  }

  palmkey(folder: string, ...args: string[]): Promise<Child> {
    return runProgram(process.execPath, [bin, ...args, '--home', this.home], { cwd: folder, env: this.env });
  }

  /** A repository with a branch `main`. */
  async repository(name: string): Promise<string> {
    const path = join(this.folder, name);
    mkdirSync(path, { recursive: true });
    await this.ok(path, 'init', '-q', '-b', 'main');
    return path;
  }

  write(repository: string, name: string, text: string): void {
    mkdirSync(dirname(join(repository, name)), { recursive: true });
    writeFileSync(join(repository, name), text);
  }

  /** Adds a file and commits it. */
  async commit(repository: string, name: string, ...args: string[]): Promise<Child> {
    this.write(repository, name, `${name}\n`);
    await this.ok(repository, 'add', '.');
    return this.run(repository, 'commit', ...args);
  }

  configText(): string {
    return readFileSync(this.globalConfig, 'utf8');
  }
}
