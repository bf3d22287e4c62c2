import { encodeJoinLink, joinUrl } from '@palmkey/core/provisioning';
import { parseAccountId, toBase64Url } from '@palmkey/envelope';
import { expect, test } from 'vitest';
import { readAtX, readAtY } from './entered-secret.ts';

const relay = 'https://relay.example';
const account = parseAccountId(new Uint8Array(16).fill(4));
const bytes = new Uint8Array(32).fill(5);
const eight = 'abandon ability able about above absent absorb abstract';
const byX = joinUrl('https://app.example', {
  relay,
  shownBy: { side: 'x', account },
  secret: { suite: 'kex3', bytes },
});
const byY = joinUrl('https://app.example', { relay, shownBy: { side: 'y' }, secret: { suite: 'kex3', bytes } });

const codeOf = (read: () => unknown): unknown => {
  try {
    return read();
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
};

test('a new device reads what one of the account shows, scanned or typed', () => {
  expect(readAtY(`  ${byX}\n`)).toEqual({ relay, account, secret: { how: 'code', bytes } });
  expect(readAtY('12 Zoo zone ZERO')).toEqual({
    relay: null,
    account: null,
    secret: { how: 'number', number: 12, words: 'zoo zone zero' },
  });
  expect(readAtY(eight).secret).toEqual({ how: 'words', secret: { suite: 'kex2-v1', words: eight } });
  const nine = { suite: 'kex2-v2', words: `${eight} zoo` } as const;
  const link = joinUrl('https://app.example', { relay, shownBy: { side: 'x', account }, secret: nine });
  expect(readAtY(link)).toEqual({ relay, account, secret: { how: 'words', secret: nine } });
});

test('a device of the account reads what a new one shows, scanned or typed', () => {
  expect(readAtX(byY)).toEqual({ relay, secret: { how: 'code', bytes } });
  expect(readAtX(`${eight} four`).secret).toEqual({
    how: 'words',
    secret: { suite: 'kex2-v1', words: `${eight} four` },
  });
});

const version = new Uint8Array(encodeJoinLink({ relay, shownBy: { side: 'y' }, secret: { suite: 'kex3', bytes } }));
version[0] = 2;

test.each([
  ['a link of its own side, at a new device', () => readAtY(byY), 'bad-link'],
  ['a link of its own side, at one of the account', () => readAtX(byX), 'bad-link'],
  ['another link', () => readAtY('https://app.example/pair#AAAA'), 'bad-link'],
  ['a link of another version', () => readAtX(`https://app.example/join#${toBase64Url(version)}`), 'version'],
  ['nine words without their account', () => readAtY(`${eight} zoo`), 'account-needed'],
  ['nine words of a new device', () => readAtX(`${eight} zoo`), 'bad-link'],
  ['a number of a new device', () => readAtX('12 zoo zone zero'), 'bad-link'],
  ['seven words', () => readAtX('zoo zoo zoo zoo zoo zoo zoo'), 'wrong-word-count'],
  ['a word of no list', () => readAtY('12 zoo zone zerro'), 'unknown-word'],
  ['nothing', () => readAtY(''), 'wrong-word-count'],
])('%s is refused', (_what, read, code) => {
  expect(codeOf(read)).toBe(code);
});
