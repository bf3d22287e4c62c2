import type { LogFact } from '@palmkey/host/control';
import { describe, expect, it } from 'vitest';
import { logLines } from './log-lines.ts';
import { askWords } from './ask-words.ts';
import { plainPaint } from './paint.ts';

const now = new Date(2026, 2, 12, 14, 30).getTime();
const fact: LogFact = {
  at: new Date(2026, 2, 12, 14, 5).getTime(),
  kind: 'login',
  user: 'deploy',
  host: 'prod',
  hostFingerprint: null,
  subject: null,
  phone: 'Pixel',
  keyFingerprint: null,
  outcome: 'approved',
  code: null,
  skewMs: null,
  until: null,
  woken: null,
  by: null,
  tookMs: 4200,
};

describe('logLines', () => {
  it('golden', () => {
    const facts: LogFact[] = [
      { ...fact, at: new Date(2025, 11, 24, 9, 0).getTime(), kind: 'started' },
      { ...fact, at: new Date(2026, 1, 1, 9, 0).getTime(), kind: 'paired' },
      fact,
      { ...fact, outcome: 'rejected' },
      { ...fact, outcome: 'failed', code: 'clock-skew', skewMs: 3_719_950 },
      { ...fact, outcome: 'expired', tookMs: 30_000 },
      { ...fact, kind: 'pairing-failed', outcome: 'wrong-code' },
      { ...fact, kind: 'git', subject: 'Add a page', until: fact.at + 3_600_000 },
      { ...fact, outcome: 'passed', phone: 'iPad' },
      { ...fact, kind: 'git', subject: 'Turn\u202e', outcome: 'failed', code: 'muted' },
    ];
    expect(logLines(facts, now, plainPaint)).toEqual([
      '24 Dec 2025  Palmkey started',
      '1 Feb 09:00  paired with Pixel',
      '14:05        deploy@prod        approved on Pixel after 4 s',
      '14:05        deploy@prod        rejected on Pixel after 4 s',
      '14:05        deploy@prod        failed: this computer’s clock is 1 h 2 min behind the phone’s. Set the wrong one',
      '14:05        deploy@prod        no answer after 30 s',
      '14:05        pairing            three wrong codes, so this pairing is over',
      '14:05        git: Add a page    allowed on Pixel until 15:05',
      '14:05        deploy@prod        passed to another key on iPad after 4 s',
      '14:05        git: Turn\\u{202e}  failed: this computer is muted there',
    ]);
  });
});

it('logLines says what became of the passphrase', () => {
  const facts: LogFact[] = [
    { ...fact, kind: 'started', outcome: 'locked' },
    { ...fact, outcome: 'failed', code: 'keys-locked' },
    { ...fact, kind: 'passphrase', outcome: 'refused', code: 'wrong-passphrase' },
    { ...fact, kind: 'unlocked', outcome: null },
    { ...fact, kind: 'passphrase', outcome: 'changed' },
    { ...fact, kind: 'locked', outcome: null },
  ];
  expect(logLines(facts, now, plainPaint)).toEqual([
    '14:05  Palmkey started, locked',
    '14:05  deploy@prod                 failed: this computer’s keys were locked',
    '14:05  passphrase                  wrong',
    '14:05  unlocked by the passphrase',
    '14:05  passphrase                  changed',
    '14:05  locked',
  ]);
});

describe('askWords', () => {
  const one = ['Pixel'];
  const two = ['Pixel', 'iPad'];
  const ended = {
    is: 'ended',
    kind: 'login',
    phones: one,
    by: 'Pixel',
    until: null,
    code: null,
    skew: null,
    received: true,
    absent: false,
    woken: null,
  } as const;
  it.each([
    [{ is: 'asking', kind: 'login', phones: one } as const, 'asking Pixel…'],
    [{ is: 'asking', kind: 'git', phones: two } as const, 'asking Pixel and iPad…'],
    [
      { is: 'received', kind: 'login', by: 'Pixel', holds: true, phones: one } as const,
      'Pixel has it, waiting for you…',
    ],
    [
      { is: 'received', kind: 'login', by: 'iPad', holds: false, phones: one } as const,
      'iPad shows it, the key is on Pixel…',
    ],
    [
      { is: 'unreceived', kind: 'login', phones: one, absent: true } as const,
      'Pixel is not connected: open the app there…',
    ],
    [
      { is: 'unreceived', kind: 'login', phones: two, absent: false } as const,
      'no sign of Pixel or iPad yet: is the app open there?',
    ],
    [{ is: 'woken', kind: 'login', by: 'Pixel', woken: 'handed' } as const, 'waking Pixel by push…'],
    [
      { is: 'woken', kind: 'login', by: 'Pixel', woken: 'no-registration' } as const,
      'Pixel does not answer and has no push set up: open the app there…',
    ],
    [
      { is: 'woken', kind: 'git', by: 'Pixel', woken: 'refused' } as const,
      'the push service refused to wake Pixel: open the app there…',
    ],
    [
      { is: 'woken', kind: 'git', by: 'Pixel', woken: 'unreachable' } as const,
      'the push service that would wake Pixel cannot be reached: open the app there…',
    ],
    [
      { ...ended, outcome: 'expired', by: null, received: false, absent: true, woken: 'handed' } as const,
      'no answer, a push did not bring Pixel here, going on with local keys',
    ],
    [{ is: 'not-understood', kind: 'login', by: 'Pixel' } as const, 'Pixel runs a newer Palmkey: update this computer'],
    [{ ...ended, outcome: 'approved' } as const, 'approved on Pixel'],
    [{ ...ended, outcome: 'approved', until: fact.at } as const, 'allowed until 14:05 (Pixel)'],
    [{ ...ended, outcome: 'rejected' } as const, 'rejected on Pixel, going on with local keys'],
    [{ ...ended, kind: 'git', outcome: 'rejected' } as const, 'rejected on Pixel'],
    [{ ...ended, outcome: 'passed' } as const, 'passed on to another key (Pixel)'],
    [
      { ...ended, outcome: 'expired', by: null, received: false } as const,
      'no answer in 30 s, going on with local keys',
    ],
    [
      { ...ended, outcome: 'expired', by: null, phones: two, received: false, absent: true } as const,
      'Pixel and iPad are not connected, going on with local keys',
    ],
    [
      { ...ended, kind: 'git', outcome: 'failed', code: 'phone-too-old' } as const,
      'Pixel runs an older Palmkey: reload the app there',
    ],
    [
      { ...ended, outcome: 'failed', code: 'keys-locked' } as const,
      'locked: palmkey unlock opens it, going on with local keys',
    ],
    [
      { ...ended, outcome: 'failed', code: 'clock-skew', skew: -3_720_000 } as const,
      'Pixel refused: this computer’s clock is 1 h 2 min ahead of the phone’s. Set the wrong one, going on with local keys',
    ],
  ])('%o', (progress, expected) => expect(askWords(progress, () => now)).toBe(`Palmkey ▶ ${expected}`));
});
