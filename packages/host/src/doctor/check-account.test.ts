import { expect, test } from 'vitest';
import type { AccountSummary } from '../control/protocol.ts';
import { checkAccount } from './check-account.ts';

const account: AccountSummary = {
  id: '00112233445566778899aabbccddeeff',
  relay: 'https://relay.example',
  head: { seqno: 3, hash: '00' },
  active: 2,
  current: true,
  alarm: null,
  moving: null,
  removed: null,
};
const alarm = { code: 'forked', seqno: 3, reason: null } as const;

test.each([
  ['none', null, 'account-none'],
  ['one whose head is known', account, 'account-fine'],
  ['one whose head is not known', { ...account, current: false }, 'account-unchecked'],
  ['one whose chain is refused', { ...account, current: false, alarm }, 'account-refused'],
  ['one that is elsewhere', { ...account, moving: { relay: 'https://new.example', problem: null } }, 'account-moving'],
  ['one that this computer is out of', { ...account, removed: { at: 1, by: 'Pixel' } }, 'account-removed'],
])('an account: %s', (_, found, code) => {
  expect(checkAccount(found)).toMatchObject([{ link: 'account', code }]);
});
