/** The product as a person runs it: the built `palmkey` command. */
import { fileURLToPath } from 'node:url';
import { Child, runProgram } from './child.ts';

/** The built command. */
export const palmkeyBin = fileURLToPath(new URL('../../packages/cli/bin/palmkey.js', import.meta.url));

/** The agent of whoever runs the tests would stand behind ours, and lose its keys to `ssh-add -D`. */
const nobodys = { SSH_AUTH_SOCK: undefined };

export interface Daemon extends AsyncDisposable {
  readonly child: Child;
  readonly home: string;
  readonly port: number;
  readonly origin: string;
  /** The link that it printed, once it has. */
  link(): Promise<string>;
}

export interface DaemonOptions {
  readonly home: string;
  readonly port: number;
  readonly args?: readonly string[];
  readonly env?: Record<string, string | undefined>;
}

/** `palmkey up` with a terminal's worth of plain lines. */
export function startUp({ home, port, args = [], env = {} }: DaemonOptions): Daemon {
  const child = new Child(process.execPath, [palmkeyBin, 'up', '--home', home, '--port', String(port), ...args], {
    stdin: 'pipe',
    env: { NO_COLOR: '1', NODE_OPTIONS: undefined, ...nobodys, ...env },
  });
  const origin = `http://localhost:${port}`;
  return {
    child,
    home,
    port,
    origin,
    link: async () => (await child.prints(/https?:\/\/\S+\/pair#[A-Za-z0-9_-]+/))[0],
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

/** Any other command, to its end. */
export function palmkey(home: string, ...args: string[]): Promise<Child> {
  return runProgram(process.execPath, [palmkeyBin, ...args, '--home', home], {
    env: { NO_COLOR: '1', NODE_OPTIONS: undefined, ...nobodys },
  });
}

export function startPalmkey(home: string, ...args: string[]): Child {
  return startPalmkeyIn({}, home, ...args);
}

/** The same with more in its environment. */
export function startPalmkeyIn(env: Record<string, string>, home: string, ...args: string[]): Child {
  return new Child(process.execPath, [palmkeyBin, ...args, '--home', home], {
    stdin: 'pipe',
    env: { NO_COLOR: '1', NODE_OPTIONS: undefined, ...nobodys, ...env },
  });
}
