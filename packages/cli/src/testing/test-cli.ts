/** A command line without a terminal, for tests: what it prints is collected. */
import { PassThrough } from 'node:stream';
import type { Cli } from '../cli.ts';

export interface TestCli extends Cli {
  readonly input: PassThrough;
  printed(): string;
  complained(): string;
}

export function testCli(env: Cli['env'] = {}, over: Partial<Cli> = {}): TestCli {
  const output = new PassThrough().setEncoding('utf8');
  const errors = new PassThrough().setEncoding('utf8');
  let printed = '';
  let complained = '';
  output.on('data', (text: string) => (printed += text));
  errors.on('data', (text: string) => (complained += text));
  return {
    version: '1.2.3',
    me: 'palmkey',
    command: { node: '/usr/bin/node', program: '/opt/palmkey/bin/palmkey.js' },
    env,
    platform: 'linux',
    userFolder: '/home/ada',
    appFolder: '/nowhere/app',
    gitSigner: '/nowhere/git-sign-main.js',
    hostName: 'laptop',
    output,
    errors,
    now: () => Date.UTC(2026, 2, 12, 12),
    stopping: new AbortController().signal,
    interrupt: () => undefined,
    ...over,
    input: new PassThrough(),
    printed: () => printed,
    complained: () => complained,
  };
}
