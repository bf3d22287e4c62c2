import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { parseCode } from './pairing-screen.ts';
import { TypedLines } from './typed-lines.ts';

describe('parseCode', () => {
  it.each([
    ['123456', '123456'],
    [' 012 345 ', '012345'],
    ['123-456', '123456'],
  ])('takes %s', (typed, code) => expect(parseCode(typed)).toBe(code));
  it.each(['', '12345', '1234567', '12345a', '１２３４５６'])('refuses %s', (typed) =>
    expect(parseCode(typed)).toBeUndefined(),
  );
});

describe('TypedLines', () => {
  const never = new AbortController().signal;

  it('gives line by line, then undefined at the end', async () => {
    const input = new PassThrough();
    const lines = new TypedLines(input);
    input.end('one\ntwo\n');
    expect(await lines.next(never)).toBe('one');
    expect(await lines.next(never)).toBe('two');
    expect(await lines.next(never)).toBeUndefined();
  });

  it('lets go when told, and keeps what comes later for the next question', async () => {
    const input = new PassThrough();
    const lines = new TypedLines(input);
    const first = new AbortController();
    const asked = lines.next(first.signal);
    first.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
    input.write('late\n');
    expect(await lines.next(never)).toBe('late');
    lines.close();
  });
});
