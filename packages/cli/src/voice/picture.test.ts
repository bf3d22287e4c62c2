import { describe, expect, it } from 'vitest';
import { pixel, status, workKey } from '../testing/facts.ts';
import { asSaid, changes } from './changes.ts';
import { nextHint } from './hint.ts';
import { plainPaint } from './paint.ts';
import { picture } from './picture.ts';
import { table } from './table.ts';

const now = Date.UTC(2026, 2, 12, 12);
const waiting = {
  hash: '00',
  kind: 'login' as const,
  user: 'deploy',
  host: 'prod-3',
  subject: null,
  phones: ['Pixel'],
  receivedBy: [],
  askedAt: now,
  endsAt: now + 24_000,
};

describe('table', () => {
  it('aligns by what a terminal shows, not by characters', () => {
    expect(
      table([
        ['ab', '1'],
        ['画', '2'],
        ['\u001b[1mx\u001b[22m', '3'],
      ]),
    ).toEqual(['ab  1', '画  2', '\u001b[1mx\u001b[22m   3']);
  });

  it('ends no line with spaces', () => {
    expect(
      table(
        [
          ['a', ''],
          ['bbb', 'c'],
        ],
        2,
      ),
    ).toEqual(['  a', '  bbb  c']);
  });
});

describe('picture', () => {
  it('of a quiet computer', () => {
    expect(picture(status, now, plainPaint)).toEqual([
      '  relay  http://localhost:7722  connected',
      '  phone  Pixel                  here',
      `  key    Work                   ed25519 ${workKey.fingerprint}`,
    ]);
  });

  it('of a login that waits', () => {
    expect(
      picture({ ...status, waiting: [waiting, { ...waiting, receivedBy: ['Pixel'] }] }, now, plainPaint).slice(3),
    ).toEqual([
      '  waiting  deploy@prod-3          asking Pixel, 24 s left',
      '           deploy@prod-3          Pixel has it, 24 s left',
    ]);
  });

  it('of a relay that refuses and a phone that is away', () => {
    const relays = [
      { url: 'https://r.example', state: 'refused' as const, problem: 'wrong-origin', lastContactAt: null },
    ];
    const phones = [{ ...pixel, reach: 'absent' as const, lastSeenAt: null, keys: [] }];
    expect(picture({ ...status, relays, phones }, now, plainPaint)).toEqual([
      '  relay  https://r.example  refused: the relay goes by another name than the one used here',
      '  phone  Pixel              not connected: open the app',
    ]);
  });

  it('of a first phone that is waited for', () => {
    const lines = picture({ ...status, phones: [], pairing: true }, now, plainPaint).join('\n');
    expect(lines).toContain('none yet, a pairing waits for one');
  });

  it('of a computer whose keys are locked: of phones no more than that they are there', () => {
    const phones = [{ ...pixel, reach: 'unknown' as const, keys: [] }];
    expect(picture({ ...status, deviceKeys: 'locked', relays: [], phones }, now, plainPaint)).toEqual([
      '  keys   locked  nobody is asked before palmkey unlock',
      '  phone  Pixel',
    ]);
  });

  it('shows what a name would do to the terminal', () => {
    const lines = picture({ ...status, waiting: [{ ...waiting, user: 'a\u001b[2Jb' }] }, now, plainPaint);
    expect(lines.join('\n')).not.toContain('\u001b');
    expect(lines.join('\n')).toContain('a\\u{1b}[2Jb@prod-3');
  });
});

describe('nextHint', () => {
  const around = { me: 'palmkey', setUp: true, loggedIn: true };
  it.each([
    [
      'locked keys, whatever else is missing',
      { ...status, deviceKeys: 'locked' as const, phones: [] },
      around,
      'palmkey unlock',
    ],
    ['no phone', { ...status, phones: [] }, around, 'palmkey pair'],
    ['no login yet', status, { ...around, loggedIn: false }, status.tryCommand ?? ''],
    ['ssh not set up', status, { ...around, setUp: false }, 'palmkey setup'],
    ['no login yet and no try-server', { ...status, tryCommand: null }, { ...around, loggedIn: false }, 'keys copy'],
  ])('%s', (_, facts, surroundings, expected) => {
    expect(nextHint(facts, surroundings, plainPaint)).toContain(expected);
  });

  it('is silent when nothing is missing, and while a pairing waits for the first phone', () => {
    expect(nextHint(status, around, plainPaint)).toBeUndefined();
    expect(nextHint({ ...status, phones: [], pairing: true }, around, plainPaint)).toBeUndefined();
  });
});

describe('changes', () => {
  it('says each thing once', () => {
    const away = { ...status, phones: [{ ...pixel, reach: 'absent' as const }] };
    expect(changes(undefined, status)).toEqual(['relay http://localhost:7722: connected', 'phone Pixel: paired, here']);
    expect(changes(status, status)).toEqual([]);
    expect(changes(status, away)).toEqual(['phone Pixel: not connected']);
    expect(changes(status, { ...status, phones: [] })).toEqual(['phone Pixel: unpaired']);
    const asking = { ...status, waiting: [waiting] };
    expect(changes(status, asking)).toEqual(['asking Pixel: deploy@prod-3']);
    expect(changes(asking, { ...status, waiting: [{ ...waiting, receivedBy: ['Pixel'] }] })).toEqual([
      'Pixel has it: deploy@prod-3',
    ]);
    expect(changes(asking, status)).toEqual(['settled: deploy@prod-3']);
  });

  it('says that keys are locked, and that they are open', () => {
    const phones = [{ ...pixel, reach: 'unknown' as const }];
    const locked = { ...status, deviceKeys: 'locked' as const, relays: [], phones };
    const line = 'keys: locked, palmkey unlock opens them';
    expect(changes(undefined, locked)).toEqual([line, 'phone Pixel: paired']);
    expect(changes({ ...status, deviceKeys: 'unlocked' }, locked)).toEqual([line]);
    expect(changes(locked, { ...status, deviceKeys: 'unlocked' })).toEqual([
      'keys: unlocked',
      'relay http://localhost:7722: connected',
      'phone Pixel: here',
    ]);
    expect(changes(status, { ...status, deviceKeys: 'unlocked' })).toEqual([]);
  });

  it('says once that a relay is away, however often it is tried', () => {
    const relay = (state: 'connected' | 'connecting' | 'waiting', problem: string | null = null) => ({
      ...status,
      relays: status.relays.map((fact) => ({ ...fact, state, problem })),
    });
    const away = relay('waiting', 'unreachable');
    expect(changes(status, asSaid(status, away))).toEqual(['relay http://localhost:7722: not reachable, trying again']);
    const trying = asSaid(away, relay('connecting'));
    expect(changes(away, trying)).toEqual([]);
    expect(changes(trying, asSaid(trying, away))).toEqual([]);
    expect(changes(trying, asSaid(trying, relay('connected')))).toEqual(['relay http://localhost:7722: connected']);
  });
});
