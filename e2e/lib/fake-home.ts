/** A person's home folder of a test's own, with what people have in theirs; `palmkey` runs in it as in a real one. */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child } from './child.ts';
import { tempFolder } from './temp.ts';

const bin = fileURLToPath(new URL('../../packages/cli/bin/palmkey.js', import.meta.url));

export interface FakeHome extends Disposable {
  readonly path: string;
  /** PALMKEY_HOME, where it is when nobody chooses another. */
  readonly state: string;
  /** Path, type, mode, size and content of all that is in it, but for times. */
  manifest(): string[];
  /** Starts the program without a terminal. */
  start(args: readonly string[], env?: Record<string, string | undefined>): Child;
  /** Starts it in a terminal of its own. */
  startInTerminal(args: readonly string[]): Child;
  /** Runs it to its end. */
  run(...args: string[]): Promise<Child>;
}

/** Makes one. */
export function fakeHome(): FakeHome {
  const temp = tempFolder('pk-home-');
  const { path } = temp;
  put(path, '.bashrc', 'export EDITOR=vi\n');
  put(path, '.gitconfig', '[user]\n\tname = Ada\n');
  put(path, '.config/app/settings.json', '{}\r\n', 0o600);
  put(path, 'Documents/ä letter.txt', 'Dear all');
  mkdirSync(join(path, 'empty'));
  symlinkSync('Documents', join(path, 'docs'));
  symlinkSync('nowhere', join(path, 'broken'));
  const environment = {
    HOME: path,
    NO_COLOR: '1',
    NODE_OPTIONS: undefined,
    PALMKEY_HOME: undefined,
    XDG_STATE_HOME: undefined,
    XDG_CONFIG_HOME: undefined,
    XDG_RUNTIME_DIR: undefined,
    DBUS_SESSION_BUS_ADDRESS: undefined,
  };
  const start = (args: readonly string[], env: Record<string, string | undefined> = {}) =>
    new Child(process.execPath, [bin, ...args], { stdin: 'pipe', env: { ...environment, ...env } });
  const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  return {
    path,
    state: join(path, '.local', 'state', 'palmkey'),
    manifest: () => manifest(path),
    start,
    startInTerminal: (args) =>
      new Child('script', ['-qefc', [process.execPath, bin, ...args].map(quote).join(' '), '/dev/null'], {
        stdin: 'pipe',
        env: environment,
      }),
    run: async (...args) => {
      const child = start(args);
      await child.ended(60_000);
      return child;
    },
    [Symbol.dispose]: () => temp[Symbol.dispose](),
  };
}

/** Writes a file below a folder, and the folders to it. */
export function put(home: string, name: string, text: string, mode = 0o644): void {
  const path = join(home, name);
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  writeFileSync(path, text, 'latin1');
  chmodSync(path, mode);
}

/** One line for each entry below a folder, itself included. */
export function manifest(path: string): string[] {
  const lines: string[] = [];
  const walk = (at: string, name: string) => {
    const found = lstatSync(at);
    const mode = (found.mode & 0o7777).toString(8);
    if (found.isSymbolicLink()) lines.push(`${name} link ${readlinkSync(at)}`);
    else if (found.isDirectory()) {
      lines.push(`${name} folder ${mode}`);
      for (const entry of readdirSync(at).sort()) walk(join(at, entry), `${name}/${entry}`);
    } else if (found.isFile()) {
      lines.push(`${name} file ${mode} ${found.size} ${createHash('sha256').update(readFileSync(at)).digest('hex')}`);
    } else lines.push(`${name} other ${mode}`);
  };
  walk(path, '.');
  return lines;
}
