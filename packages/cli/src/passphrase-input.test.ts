import { ControlError } from '@palmkey/host/control';
import { expect, it } from 'vitest';
import { passphraseInput, untilRight } from './passphrase-input.ts';
import { testCli } from './testing/test-cli.ts';

const wrong = () => Promise.reject(new ControlError('wrong-passphrase'));

it('passphraseInput with --stdin reads a line each, the old one first', async () => {
  const cli = testCli();
  cli.input.end('old words\nnew words \n');
  using input = passphraseInput(true, cli);
  expect([await input.current('?'), await input.next()]).toEqual(['old words', 'new words ']);
  await expect(input.next()).rejects.toMatchObject({ code: 'passphrase-nobody' });
});

it('untilRight gives a piped passphrase once', async () => {
  const cli = testCli();
  cli.input.end('one\ntwo\n');
  using input = passphraseInput(true, cli);
  await expect(untilRight(input, '?', wrong, cli)).rejects.toMatchObject({ code: 'wrong-passphrase' });
  expect([cli.complained(), await input.current('?')]).toEqual(['', 'two']);
});

it('untilRight says how many tries are left, and ends with the last', async () => {
  const cli = testCli();
  const given: string[] = [];
  const input = {
    tries: 3,
    current: () => Promise.resolve(`try ${given.length}`),
    next: () => Promise.resolve(''),
    [Symbol.dispose]: () => undefined,
  };
  const use = (passphrase: string) => {
    given.push(passphrase);
    return wrong();
  };
  await expect(untilRight(input, '?', use, cli)).rejects.toMatchObject({ code: 'wrong-passphrase' });
  expect(given).toEqual(['try 0', 'try 1', 'try 2']);
  expect(cli.complained()).toBe('That is not it. 2 more tries.\nThat is not it. One more try.\n');
  await untilRight(input, '?', (typed) => (typed === 'try 3' ? Promise.resolve() : wrong()), cli);
});

it('untilRight does not repeat what failed for another reason', async () => {
  const cli = testCli();
  cli.input.end('one\n');
  using input = passphraseInput(true, cli);
  const busy = () => Promise.reject(new ControlError('passphrase-busy'));
  await expect(untilRight(input, '?', busy, cli)).rejects.toMatchObject({ code: 'passphrase-busy' });
});
