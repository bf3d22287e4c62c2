import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Cli, Keyboard } from './cli.ts';
import { testCli, type TestCli } from './testing/test-cli.ts';
import { typedSecret } from './typed-secret.ts';

/** A terminal's keyboard. */
class Keys extends PassThrough implements Keyboard {
  readonly isTTY = true;
  readonly modes: boolean[] = [];

  setRawMode(raw: boolean): void {
    this.modes.push(raw);
  }
}

let keys: Keys;
let stopping: AbortController;
let base: TestCli;
let cli: Cli;
beforeEach(() => {
  keys = new Keys();
  stopping = new AbortController();
  base = testCli({}, { stopping: stopping.signal, interrupt: () => stopping.abort(new Error('stopped')) });
  cli = { ...base, input: keys };
});

async function typed(...chunks: (string | Uint8Array)[]): Promise<string> {
  const asked = typedSecret('Passphrase: ', cli);
  for (const chunk of chunks) keys.write(chunk);
  return asked;
}

describe('typedSecret', () => {
  it.each([
    ['a line', ['four words\r'], 'four words'],
    ['letters one by one', ['a', 'b', 'c', '\r'], 'abc'],
    ['what is taken back', ['abx\u007fc', '\u007f\u007fd\n'], 'ad'],
    ['more taken back than there is', ['\u007f\u007fa\r'], 'a'],
    ['a line begun again', ['wrong\u0015right\r'], 'right'],
    ['an arrow', ['ab\u001b[Dc\u001bOA\r'], 'abc'],
    ['other control characters', ['a\tb\u0000\r'], 'ab'],
    ['nothing', ['\r'], ''],
    ['a letter in two chunks', [Uint8Array.of(0xc3), Uint8Array.of(0xbc), '\r'], 'ü'],
    ['a character beyond 16 bits taken back', ['a\u{1f511}\u007f\r'], 'a'],
  ])('takes %s', async (_, chunks, found) => {
    expect(await typed(...chunks)).toBe(found);
  });

  it('asks beside the answer, shows nothing of it, and gives the terminal back', async () => {
    await typed('hidden\r');
    expect([base.complained(), base.printed(), keys.modes]).toEqual(['Passphrase: \n', '', [true, false]]);
    expect([keys.listenerCount('data'), keys.isPaused()]).toEqual([0, true]);
  });

  it('ends with Ctrl-C as everything does', async () => {
    await expect(typed('abc\u0003')).rejects.toThrow('stopped');
    expect(keys.modes).toEqual([true, false]);
  });

  it.each([
    ['Ctrl-D', () => typed('abc\u0004')],
    ['the end of the input', () => typed('abc').finally(() => undefined)],
  ])('finds nobody at %s', async (name, ask) => {
    const asked = ask();
    if (name !== 'Ctrl-D') keys.end();
    await expect(asked).rejects.toMatchObject({ code: 'passphrase-nobody' });
  });

  it('finds nobody without a terminal', async () => {
    await expect(typedSecret('Passphrase: ', base)).rejects.toMatchObject({ code: 'passphrase-nobody' });
  });
});
