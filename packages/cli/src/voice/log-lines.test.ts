import type { LogFact } from '@palmkey/host/control';
import { describe, expect, it } from 'vitest';
import { logLines } from './log-lines.ts';
import { loginWords } from './login-words.ts';
import { plainPaint } from './paint.ts';

const now = new Date(2026, 2, 12, 14, 30).getTime();
const fact: LogFact = {
  at: new Date(2026, 2, 12, 14, 5).getTime(),
  kind: 'login',
  user: 'deploy',
  host: 'prod',
  hostFingerprint: null,
  phone: 'Pixel',
  keyFingerprint: null,
  outcome: 'approved',
  code: null,
  skewMs: null,
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
    ];
    expect(logLines(facts, now, plainPaint)).toEqual([
      '24 Dec 2025  Palmkey started',
      '1 Feb 09:00  paired with Pixel',
      '14:05        deploy@prod        approved on Pixel after 4 s',
      '14:05        deploy@prod        rejected on Pixel after 4 s',
      '14:05        deploy@prod        failed: this computer’s clock is 1 h 2 min behind the phone’s. Set the wrong one',
      '14:05        deploy@prod        no answer after 30 s',
      '14:05        pairing            three wrong codes, so this pairing is over',
    ]);
  });
});

describe('loginWords', () => {
  const ended = { is: 'ended', phone: 'Pixel', received: true, absent: false, refusal: null } as const;
  it.each([
    [{ is: 'asking', phone: 'Pixel' } as const, 'asking Pixel…'],
    [{ is: 'received', phone: 'Pixel' } as const, 'Pixel has it, waiting for you…'],
    [{ is: 'unreceived', phone: 'Pixel', absent: true } as const, 'Pixel is not connected: open the app there…'],
    [{ ...ended, outcome: 'approved' } as const, 'approved on Pixel'],
    [{ ...ended, outcome: 'rejected' } as const, 'rejected on Pixel, going on with local keys'],
    [{ ...ended, outcome: 'expired', received: false } as const, 'no answer in 30 s, going on with local keys'],
    [
      { ...ended, outcome: 'failed', refusal: { code: 'clock-skew', skew: -3_720_000 } } as const,
      'Pixel refused: this computer’s clock is 1 h 2 min ahead of the phone’s. Set the wrong one, going on with local keys',
    ],
  ])('%o', (progress, expected) => expect(loginWords(progress)).toBe(`Palmkey ▶ ${expected}`));
});
