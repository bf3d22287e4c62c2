import { ChainError } from '@palmkey/chain';
import type { CaughtUp } from '@palmkey/core/account';
import { RelayError } from '@palmkey/envelope';
import { expect, test } from 'vitest';
import { NotConnectedError } from '../until-admitted.ts';
import { alarmAfter } from './chain-doubt.ts';

const refused = (code: Extract<CaughtUp, { is: 'refused' }>['code']): CaughtUp => ({
  is: 'refused',
  code,
  seqno: 4,
  reason: null,
});
const unreached = (cause: unknown): CaughtUp => ({ is: 'unreachable', cause });

test.each<[string, CaughtUp, string, number]>([
  ['that has no chain', { is: 'no-chain', state: null }, 'rolled-back', 7],
  ['that lacks links', refused('rolled-back'), 'rolled-back', 4],
  ['that shows another history', refused('forked'), 'forked', 4],
  ['that shows another account', refused('other-account'), 'other-account', 4],
  ['whose chain does not hold', refused('bad-chain'), 'bad-chain', 4],
  ['whose links cannot be read', unreached(new ChainError('bad-link', 5)), 'bad-chain', 5],
  ['that refuses', unreached(new RelayError('unavailable')), 'no-head', 7],
  ['that is not reached', unreached(new NotConnectedError('closed')), 'no-head', 7],
])('a relay %s is said to be so', (_what, caught, code, seqno) => {
  expect(alarmAfter(caught, 7)).toEqual({ code, seqno });
});

test('a fault of this device is no relay’s, and is thrown', () => {
  const fault = new RangeError('a fault');
  expect(() => alarmAfter(unreached(fault), 7)).toThrow(fault);
});
