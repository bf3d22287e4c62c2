import type { AccountLogFact } from '@palmkey/host';
import type { AccountFact } from '@palmkey/host/control';
import { expect, it } from 'vitest';
import { accountLines, accountLogLines, accountTrouble } from './account-words.ts';
import { plainPaint } from './paint.ts';

const at = new Date(2026, 2, 12, 14, 5).getTime();
const now = new Date(2026, 2, 12, 14, 30).getTime();
const device = { addedAt: at, addedBy: 'Pixel', self: false, name: null } as const;
const account: AccountFact = {
  id: '00112233445566778899aabbccddeeff',
  relay: 'https://relay.example',
  head: { seqno: 4, hash: '00' },
  active: 4,
  current: true,
  alarm: null,
  moving: null,
  removed: null,
  devices: [
    { ...device, id: 'a'.repeat(32), name: 'Pixel', kind: 'phone', addedBy: null },
    { ...device, id: 'b'.repeat(32), name: 'laptop', kind: 'computer', self: true },
    { ...device, id: 'c'.repeat(32), kind: 'phone' },
    { ...device, id: 'd'.repeat(32), kind: 'paper' },
  ],
};
const forked = { code: 'forked', seqno: 4, reason: null } as const;

it('accountLines, golden', () => {
  expect(accountLines(account, now, plainPaint)).toEqual([
    'Your account 00112233 at https://relay.example',
    '',
    '  Pixel     phone           began it 14:05',
    '  laptop    this computer   added by Pixel 14:05',
    '  cccccccc  phone           added by Pixel 14:05',
    '  on paper  recovery words  added by Pixel 14:05',
  ]);
});

it('accountLines say what is wrong with the chain, and what to do', () => {
  const lines = accountLines({ ...account, current: false, alarm: forked }, now, plainPaint);
  expect(lines.slice(2, 5)).toEqual([
    'This computer: its relay shows another history than this computer has seen (link 4)',
    '  Nothing is asked until it shows the right one again. Ask its operator: an old backup looks like this',
    '',
  ]);
  expect(lines).toHaveLength(9);
});

it('accountLines say where the account is while this computer is not there', () => {
  const moving = { relay: 'https://new.example', problem: 'forked' };
  expect(accountLines({ ...account, moving }, now, plainPaint).slice(2, 5)).toEqual([
    'This computer: it has moved to https://new.example, which shows another history than this computer has seen',
    '  Until it does, this computer stays at the former relay, and tries again each minute',
    '',
  ]);
});

it('accountLines of a computer that is out say by whom, and how to go on', () => {
  expect(accountLines({ ...account, removed: { at, by: 'Pixel' } }, now, plainPaint).slice(2)).toEqual([
    'This computer: taken out by Pixel 14:05',
    '  Start Palmkey again: where no other phone is paired, it begins anew with new keys. Then pair',
  ]);
});

it.each([
  ['all well', account, null],
  ['not checked', { ...account, current: false }, 'not checked yet: its relay has not told its state'],
  ['left', { ...account, removed: { at, by: null } }, 'left it 14:05'],
  [
    'rolled back',
    { ...account, alarm: { ...forked, code: 'rolled-back' as const } },
    'its relay shows an older state than this computer has seen (link 4)',
  ],
])('accountTrouble: %s', (_, found, words) => {
  expect(accountTrouble(found, now)).toBe(words);
});

it('accountLogLines, golden', () => {
  const pixel = { id: 'a'.repeat(32), name: 'Pixel' };
  const old = { id: 'c'.repeat(32), name: null };
  const self = { id: 'b'.repeat(32), name: 'this computer' };
  const fact = (seqno: number, type: AccountLogFact['type'], devices: AccountLogFact['devices']): AccountLogFact => ({
    ...{ seqno, at, type, by: pixel, devices },
    generation: type === 'puk' ? 2 : null,
  });
  const facts = [
    fact(1, 'eldest', [pixel]),
    fact(2, 'host', [self]),
    fact(3, 'sibkey', [old]),
    fact(4, 'subkey', [old]),
    fact(5, 'revoke', [old]),
    fact(6, 'puk', []),
    fact(7, 'paper', [old]),
  ];
  expect(accountLogLines(facts, now, plainPaint)).toEqual([
    '1  14:05  Pixel began the account',
    '2  14:05  this computer was added           by Pixel',
    '3  14:05  phone cccccccc was added          by Pixel',
    '5  14:05  cccccccc was taken out            by Pixel',
    '6  14:05  new key of the account, number 2  by Pixel',
    '7  14:05  recovery words were made          by Pixel',
  ]);
});
