import type { Cli } from './cli.ts';

/** Lines for the person who asked. */
export function print(cli: Pick<Cli, 'output'>, ...lines: readonly string[]): void {
  cli.output.write(lines.map((line) => `${line}\n`).join(''));
}

/** Facts for a program: one JSON value. */
export function printJson(cli: Pick<Cli, 'output'>, facts: unknown): void {
  cli.output.write(`${JSON.stringify(facts, null, 2)}\n`);
}

/** Lines beside the answer: progress and warnings, which stay on the screen when the answer goes to a file. */
export function printAside(cli: Pick<Cli, 'errors'>, ...lines: readonly string[]): void {
  cli.errors.write(lines.map((line) => `${line}\n`).join(''));
}
