import { parseAccountId, parseDeviceId, parseRendezvousId } from '@palmkey/envelope';
import { expect, it } from 'vitest';
import { encodeAnnouncement, parseAnnouncement, type Word } from './announcement.ts';

const device = parseDeviceId(new Uint8Array(16).fill(1));
const account = parseAccountId(new Uint8Array(16).fill(2));
const words: Word[] = [
  { kind: 'hello' },
  { kind: 'beat' },
  { kind: 'bye' },
  { kind: 'ask' },
  { kind: 'enter', device, account },
  { kind: 'leave', device },
  { kind: 'expel', device, code: 'removed' },
  { kind: 'expel', device, code: 'blocked' },
  { kind: 'account-changed', account },
  { kind: 'rendezvous', id: parseRendezvousId(new Uint8Array(32).fill(3)) },
  { kind: 'chain-head', account, head: { account, seqno: 7, hash: new Uint8Array(32).fill(4) } },
  { kind: 'account-data', account, word: { account, revision: 9 }, members: [] },
  { kind: 'account-data', account, word: { account, revision: 9 }, members: [device, device] },
  { kind: 'list', part: 0, last: true, presences: [], expelled: [] },
  {
    kind: 'list',
    part: 258,
    last: false,
    presences: [{ device, account, at: 1_700_000_000_000 }],
    expelled: [{ device, code: 'blocked', at: 5 }],
  },
];
const around = { node: '0011223344556677', seqno: 2 ** 40, at: 1_700_000_000_001 };

it.each(words)('an announcement of $kind is read as it was written', (word) => {
  expect(parseAnnouncement(encodeAnnouncement({ ...around, word }))).toEqual({ ...around, word });
});

it.each(words)('an announcement of $kind that is cut or too long is none, or another list', (word) => {
  const whole = encodeAnnouncement({ ...around, word });
  for (let length = 0; length < whole.length; length++) {
    const cut = parseAnnouncement(whole.subarray(0, length));
    if (cut !== null) expect(word.kind).toBe('list');
  }
  expect(parseAnnouncement(Uint8Array.of(...whole, 0))).toBeNull();
});

it('parseAnnouncement takes neither another version nor another kind', () => {
  const bytes = encodeAnnouncement({ ...around, word: { kind: 'beat' } });
  expect(parseAnnouncement(Uint8Array.of(2, ...bytes.subarray(1)))).toBeNull();
  expect(parseAnnouncement(Uint8Array.of(1, 12, ...bytes.subarray(2)))).toBeNull();
});
