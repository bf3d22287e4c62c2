import { expect, test } from 'vitest';
import type { StatusFact } from '../control/protocol.ts';
import { checkDaemon } from './check-phones.ts';

const status = { version: '0.1.0', pid: 7, agentLocked: false } as StatusFact;

test.each([
  ['0.1.0', false, ['daemon-fine']],
  ['0.2.0', false, ['daemon-other-version']],
  ['0.1.0', true, ['daemon-fine', 'agent-locked']],
])('a daemon of 0.1.0 seen by %s, its agent locked: %s', (version, agentLocked, codes) => {
  expect(checkDaemon({ ...status, agentLocked }, version).map(({ code }) => code)).toEqual(codes);
});
