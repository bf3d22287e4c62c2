import { type Finding, type FindingCode, verdicts } from '@palmkey/host/doctor';
import { expect, it } from 'vitest';
import { doctorLines, doctorSummary, findingWords } from './doctor-words.ts';
import { plainPaint } from './paint.ts';

const context = { me: 'palmkey', userFolder: '/home/ada', now: Date.UTC(2026, 2, 12, 12) };
const codes = Object.keys(verdicts) as FindingCode[];
const full: Finding['detail'] = {
  path: '/home/ada/x',
  found: '/home/ada/y',
  line: 3,
  keyword: 'IdentityAgent',
  hosts: 'prod',
  version: '0.1.0',
  pid: 7,
  name: 'Pixel',
  url: 'https://relay.example',
  cause: 'ECONNREFUSED',
  skewMs: -120_000,
  tookMs: 7,
  keys: 2,
  mode: '0666',
  free: 5_000_000,
  status: 404,
  code: 'busy',
  software: 'palmkey-app 0.1.0',
  problem: 'not-admitted',
  lastSeenAt: 0,
  program: '/usr/bin/x',
  exists: 0,
  admitted: 1,
  id: '00112233',
  active: 2,
  by: 'Pixel',
};

it.each(
  codes.flatMap(
    (code) =>
      [
        [code, full],
        [code, { version: '1' }],
      ] as const,
  ),
)('words for %s', (code, detail) => {
  const { line, todo } = findingWords({ link: 'ssh', code, verdict: verdicts[code], detail }, context);
  for (const text of [line, todo ?? 'none']) {
    expect(text).not.toBe('');
    expect(text).not.toMatch(/undefined|null|NaN|\[object|\n|!|\.$/);
  }
  if (verdicts[code] !== 'ok') expect(todo).not.toBeNull();
});

it('aligns findings, with what to do below each, and hides nothing of a foreign name', () => {
  const found: Finding[] = [
    { link: 'ssh', code: 'ssh-fine', verdict: 'ok', detail: { version: 'OpenSSH_9.2p1' } },
    { link: 'phone', code: 'phone-away', verdict: 'warning', detail: { name: 'Pi\u001b[2Jxel', lastSeenAt: null } },
  ];
  expect(doctorLines(found, context, plainPaint)).toEqual([
    'ok       ssh    OpenSSH_9.2p1',
    'warning  phone  Pi\\u{1b}[2Jxel is not connected',
    '           Open the app on it',
  ]);
  expect(doctorSummary(found)).toBe('Nothing is broken. One thing could be better.');
});
