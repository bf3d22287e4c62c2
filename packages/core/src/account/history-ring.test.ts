import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeCanonical, FormatError } from '../crypto/index.ts';
import { type HistoryRing, linesOfRing, recordOfTurn, withLines } from './history-ring.ts';
import { HISTORY_CHUNKS, MAX_MEMBER_BODY_BYTES } from './member-record.ts';
import { encodeHistoryChunk, parseHistoryChunk, type SharedLine } from './shared-history.ts';

const line = (n: number, more: Partial<SharedLine> = {}): SharedLine => ({
  hash: n.toString(16).padStart(64, '0'),
  host: '01'.repeat(16),
  at: 1_800_000_000_000 + n,
  kind: 'login',
  outcome: 'approved',
  by: 'person',
  confirmed: false,
  signed: true,
  computer: 'laptop',
  user: 'ada',
  server: 'prod.example.org',
  hostKey: 'ab'.repeat(32),
  keyName: 'Work',
  subject: null,
  repository: null,
  ...more,
});
const times = (from: number, count: number) => Array.from({ length: count }, (_, i) => line(from + i));
const hashes = (ring: HistoryRing) => linesOfRing(ring).map(({ hash }) => Number.parseInt(hash, 16));

describe('a history chunk', () => {
  test('is read as it was written, and no byte less or more', () => {
    const chunk = { turn: 9, lines: [line(1), line(2, { kind: 'git', subject: 'docs: a word', user: null })] };
    const body = encodeHistoryChunk(chunk);
    expect(parseHistoryChunk(body)).toEqual(chunk);
    for (let length = 0; length < body.length; length++) {
      expect(() => parseHistoryChunk(body.slice(0, length))).toThrow(FormatError);
    }
    expect(() => parseHistoryChunk(Uint8Array.of(...body, 0))).toThrow(FormatError);
  });

  test('of a turn that is none, or with an outcome that is none, is refused', () => {
    expect(() => parseHistoryChunk(encodeCanonical([0, []]))).toThrow(FormatError);
    const bytes = (length: number) => new Uint8Array(length);
    const value = (outcome: number) => [
      1,
      [[bytes(32), bytes(16), 1, 0, outcome, 0, true, true, 'laptop', null, null, null, null, null, null]],
    ];
    expect(parseHistoryChunk(encodeCanonical(value(6))).lines[0]?.outcome).toBe('refused');
    expect(() => parseHistoryChunk(encodeCanonical(value(7)))).toThrow(FormatError);
  });
});

describe('withLines', () => {
  test('keeps the newest lines, in eight records that fit', () => {
    const ring = withLines([], times(1, 1_000));
    expect(ring).toHaveLength(HISTORY_CHUNKS);
    expect(new Set(ring.map(({ turn }) => recordOfTurn(turn))).size).toBe(HISTORY_CHUNKS);
    for (const chunk of ring) expect(encodeHistoryChunk(chunk).length).toBeLessThanOrEqual(MAX_MEMBER_BODY_BYTES);
    const kept = hashes(ring);
    expect(kept.length).toBeGreaterThan(100);
    expect(kept).toEqual(times(1_001 - kept.length, kept.length).map(({ hash }) => Number.parseInt(hash, 16)));
  });

  test('takes what it has already, and what has gone out of it, as nothing new', () => {
    const ring = withLines([], times(1, 1_000));
    expect(withLines(ring, times(900, 101))).toBe(ring);
    expect(withLines(ring, times(1, 50))).toBe(ring);
  });

  test('puts what became of a request in the place of its line, and touches no other record', () => {
    const ring = withLines([], times(1, 60));
    const changed = withLines(ring, [line(3, { confirmed: true, outcome: 'failed' })]);
    expect(linesOfRing(changed)[2]).toMatchObject({ confirmed: true, outcome: 'failed' });
    expect(changed.filter((chunk) => !ring.includes(chunk))).toHaveLength(1);
  });

  test('moves a line that has become too long for its record to the end', () => {
    const ring = withLines([], times(1, 60));
    const long = 'x'.repeat(96);
    const grown = line(2, { subject: long, repository: long, user: 'u'.repeat(64), server: 's'.repeat(64) });
    const changed = withLines(ring, [grown]);
    expect(hashes(changed).filter((n) => n === 2)).toHaveLength(1);
    expect(hashes(changed).at(-1)).toBe(2);
  });

  test('comes to the same ring whether lines come one by one or together', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40), { maxLength: 80 }), (numbers) => {
        const lines = numbers.map((n) => line(n));
        const together = withLines([], lines);
        expect(lines.reduce<HistoryRing>((ring, each) => withLines(ring, [each]), [])).toEqual(together);
      }),
      { numRuns: 30 },
    );
  });

  test('cuts texts to what a line holds', () => {
    const [first] = linesOfRing(withLines([], [line(1, { kind: 'git', subject: 'é'.repeat(200), user: null })]));
    expect(first?.subject).toBe(`${'é'.repeat(46)}…`);
  });
});
