import { describe, expect, test } from 'vitest';
import { FormatError, encodeCanonical } from '../crypto/index.ts';
import { MAX_MEMBER_BODY_BYTES } from './member-record.ts';
import {
  encodeSharedEndings,
  encodeSharedPermissions,
  MAX_SHARED_ENDINGS,
  MAX_SHARED_PERMISSIONS,
  parseSharedEndings,
  parseSharedPermissions,
  type SharedPermission,
} from './shared-permissions.ts';

const id = (n: number): string => n.toString(16).padStart(32, '0');
const long = '🔑'.repeat(300);
const server: SharedPermission = {
  id: id(1),
  computer: id(2),
  scope: { is: 'server', name: 'prod.example.org', port: 22, user: 'ada', through: 'gate' },
  keyName: 'Work',
  createdAt: 1,
  endsAt: 2,
};
const all: readonly SharedPermission[] = [
  server,
  { ...server, id: id(3), scope: { is: 'computer' }, keyName: null },
  { ...server, id: id(4), scope: { is: 'commits' } },
];

describe('shared permissions', () => {
  test('are read as they were written, and no byte less or more', () => {
    const body = encodeSharedPermissions(all);
    expect(parseSharedPermissions(body)).toEqual(all);
    expect(parseSharedPermissions(encodeSharedPermissions([]))).toEqual([]);
    for (let length = 0; length < body.length; length++) {
      expect(() => parseSharedPermissions(body.slice(0, length))).toThrow(FormatError);
    }
    expect(() => parseSharedPermissions(Uint8Array.of(...body, 0))).toThrow(FormatError);
  });

  test('fit a record, as many as there may be with texts as long as they may be', () => {
    const scope = {
      is: 'server',
      name: long,
      port: 65_535,
      user: long,
      through: long,
    } as const;
    const most = Array.from({ length: MAX_SHARED_PERMISSIONS }, (_, n) => ({
      ...server,
      id: id(n),
      scope,
      keyName: long,
      createdAt: Number.MAX_SAFE_INTEGER,
      endsAt: Number.MAX_SAFE_INTEGER,
    }));
    const body = encodeSharedPermissions(most);
    expect(body.length).toBeLessThanOrEqual(MAX_MEMBER_BODY_BYTES);
    const [first] = parseSharedPermissions(body);
    expect(first?.scope).toMatchObject({ name: `${'🔑'.repeat(15)}…`, user: `${'🔑'.repeat(5)}…` });
    expect(() => encodeSharedPermissions([...most, server])).toThrow(RangeError);
  });

  test.each([
    ['an id of another length', [[new Uint8Array(15), new Uint8Array(16), 1, 2, null, ['computer']]]],
    ['an unknown scope', [[new Uint8Array(16), new Uint8Array(16), 1, 2, null, ['everything']]]],
    ['a scope with more behind it', [[new Uint8Array(16), new Uint8Array(16), 1, 2, null, ['computer', 1]]]],
    ['a name with a character that hides', [[new Uint8Array(16), new Uint8Array(16), 1, 2, 'a\u202eb', ['computer']]]],
    ['a name that is too long', [[new Uint8Array(16), new Uint8Array(16), 1, 2, 'a'.repeat(25), ['computer']]]],
    ['no list', { id: 1 }],
  ])('with %s are refused', (_, value) => {
    expect(() => parseSharedPermissions(encodeCanonical(value))).toThrow(FormatError);
  });
});

describe('shared endings', () => {
  const ending = { id: id(1), endsAt: 3 };

  test('are read as they were written', () => {
    const body = encodeSharedEndings([ending, { ...ending, id: id(5) }]);
    expect(parseSharedEndings(body)).toEqual([ending, { ...ending, id: id(5) }]);
    expect(() => parseSharedEndings(body.slice(0, -1))).toThrow(FormatError);
  });

  test('fit a record, as many as there may be', () => {
    const most = Array.from({ length: MAX_SHARED_ENDINGS }, () => ({ ...ending, endsAt: Number.MAX_SAFE_INTEGER }));
    expect(encodeSharedEndings(most).length).toBeLessThanOrEqual(MAX_MEMBER_BODY_BYTES);
    expect(() => encodeSharedEndings([...most, ending])).toThrow(RangeError);
  });
});
