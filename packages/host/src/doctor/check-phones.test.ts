import { expect, test } from 'vitest';
import type { StatusFact } from '../control/protocol.ts';
import { checkDaemon, secondWayIn } from './check-phones.ts';

const status = { version: '0.1.0', pid: 7, agentLocked: false } as StatusFact;

test.each([
  ['0.1.0', false, ['daemon-fine']],
  ['0.2.0', false, ['daemon-other-version']],
  ['0.1.0', true, ['daemon-fine', 'agent-locked']],
])('a daemon of 0.1.0 seen by %s, its agent locked: %s', (version, agentLocked, codes) => {
  expect(checkDaemon({ ...status, agentLocked }, version).map(({ code }) => code)).toEqual(codes);
});

test('a daemon whose keys are locked', () => {
  const codes = checkDaemon({ ...status, deviceKeys: 'locked' }, '0.1.0').map(({ code }) => code);
  expect(codes).toEqual(['daemon-fine', 'daemon-locked']);
});

test.each<[string, readonly number[], readonly string[]]>([
  ['no phone', [], []],
  ['one with keys', [2], ['phone-alone']],
  ['one with keys beside one without', [0, 1], ['phone-alone']],
  ['two with keys', [1, 1], []],
])('a second way in, with %s', (_, counts, codes) => {
  const key = { type: 'ssh-ed25519', fingerprint: 'SHA256:a', comment: '', line: '', phone: 'Pixel' };
  const phones = counts.map((count) => ({ name: 'Pixel', keys: Array.from({ length: count }, () => key) }));
  expect(secondWayIn(phones).map(({ code }) => code)).toEqual(codes);
});
