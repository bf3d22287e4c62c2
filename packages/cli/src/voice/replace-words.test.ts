import { describe, expect, it } from 'vitest';
import type { ServerEnd, ServerReport } from '../replace/replace-on-server.ts';
import { pixel, workKey } from '../testing/facts.ts';
import { plainPaint } from './paint.ts';
import { planLines, replacedLines, stepLine } from './replace-words.ts';

const context = { now: Date.UTC(2026, 2, 12, 12), me: 'palmkey', status: { phones: [pixel] } };
const stop = {
  user: 'ada',
  host: 'prod',
  port: null,
  hostKey: null,
  keys: ['SHA256:x'],
  lastUsedAt: Date.UTC(2026, 2, 1),
  replaced: null,
};
const report: ServerReport = {
  end: 'replaced',
  by: null,
  added: false,
  removed: 0,
  backups: [],
  fault: null,
  found: [],
  words: null,
};
const said = (change: Partial<ServerReport>) =>
  replacedLines([{ kind: 'server', stop, report: { ...report, ...change } }], workKey, context, plainPaint).join('\n');

describe('replacedLines', () => {
  it.each<[ServerEnd, string, boolean]>([
    ['replaced', 'replaced', false],
    ['already', 'replaced before', false],
    ['no-way-in', 'no other key gets in', true],
    ['no-shell', 'no shell', true],
    ['elsewhere', 'elsewhere', true],
    ['unconfirmed', 'The old key stays', false],
    ['old-elsewhere', 'the old key still gets in', false],
    ['file', 'left as it was', true],
    ['lost', 'Nothing was changed', false],
    ['unreachable', 'out of reach', false],
    ['host-key', 'host key is not the known one', false],
  ])('%s: says so, and gives the line where the person needs it', (end, words, paste) => {
    expect(said({ end })).toMatch(/^ada@prod {2}\S/);
    expect(said({ end })).toContain(words);
    expect(said({ end }).includes(workKey.line)).toBe(paste);
  });

  it('names what was kept, and shows what others wrote without letting it act', () => {
    const text = said({ backups: ['.ssh/a\u001b[2J.palmkey-backup-1'], removed: 1 });
    expect(text).toContain('As it was before: .ssh/a\\u{1b}[2J.palmkey-backup-1');
    expect(said({ end: 'unreachable', words: 'x\u001b]0;y\u0007' })).not.toContain('\u001b');
    expect(said({ end: 'elsewhere', found: ['AuthorizedKeysFile \u202e'] })).toContain('AuthorizedKeysFile \\u{202e}');
  });

  it('says how far it came where the connection ended', () => {
    expect(said({ end: 'lost', added: true })).toContain('The new line is there, the old one too');
    expect(said({ end: 'lost', added: true, removed: 1 })).toContain('The old line is out');
  });

  it.each([
    [{ end: 'by-hand', knowsOld: true, knowsNew: false }, 'add the new key, delete the old one', true],
    [{ end: 'by-hand', knowsOld: true, knowsNew: true }, 'delete the old one', false],
    [{ end: 'unreachable', knowsOld: null, knowsNew: null }, 'could not be asked', true],
    [{ end: 'replaced', knowsOld: false, knowsNew: true }, 'replaced', false],
  ] as const)('a git host: %j', (of, words, paste) => {
    const provider = {
      ...stop,
      host: 'github.com',
      user: 'git',
      settings: 'https://github.com/settings/keys',
      signs: true,
    };
    const text = replacedLines([{ kind: 'provider', stop: provider, report: of }], workKey, context, plainPaint).join(
      '\n',
    );
    expect(text).toContain(`git@github.com  ${words}`);
    expect(text).toContain('keys that sign stand there apart');
    expect(text.includes(workKey.line)).toBe(paste);
  });

  it('what was not begun says so', () => {
    expect(replacedLines([{ kind: 'server', stop, report: null }], workKey, context, plainPaint)).toEqual([
      'ada@prod  not begun',
    ]);
  });
});

it('planLines names servers by address, port and key, and says of a phone that it is away', () => {
  const away = { ...context, status: { phones: [{ ...pixel, reach: 'absent' as const }] } };
  const servers = [
    { ...stop, host: '::1', port: 2222 },
    { ...stop, user: null, host: null, hostKey: 'SHA256:h' },
  ];
  const text = planLines({ old: [], servers, providers: [] }, workKey, away, plainPaint).join('\n');
  expect(text).toContain('ada@[::1]:2222');
  expect(text).toMatch(/no name here\n {2}SHA256:h/);
  expect(text).toContain('not connected: open the app');
  expect(stepLine(stop, 'proving', plainPaint)).toBe('ada@prod logging in with the new key: your phone is asked…');
});
