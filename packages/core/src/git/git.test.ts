import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, fromHex, toHex } from '@palmkey/envelope';
import { readPage } from '../../../../vectors/page.ts';
import {
  parseAuthorizedKey,
  parsePublicKey,
  parseSshsig,
  parseSshSignature,
  webHostKeyVerifier,
} from '../ssh/index.ts';
import type { GitObject, GitPerson } from './index.ts';
import { GitFormatError, gitSignedData, MAX_GIT_OBJECT_BYTES, parseGitObject } from './index.ts';

interface Vectors {
  readonly valid: { name: string; object: string; parsed: GitObject; signedData: string }[];
  readonly invalid: { name: string; object: string }[];
  readonly signed: { publicKey: string; objects: { name: string; handed: string; signed: string }[] };
}
const vectors = readPage('git') as Vectors;
const utf8 = (text: string) => new TextEncoder().encode(text);
/** One character for each byte; not a TextDecoder's `latin1`, which is windows-1252. */
const latin1 = (bytes: Uint8Array) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
const objectCalled = (name: string) => fromHex(vectors.valid.find((vector) => vector.name.endsWith(name))!.object);

/** The object's text from its parts: of UTF-8 the same as the one that was read. */
function written(object: GitObject): string {
  const person = (kind: string, one: GitPerson) => `${kind} ${one.name} <${one.email}> ${one.atSeconds} ${one.zone}\n`;
  if (object.kind === 'tag') {
    const tagger = object.tagger === null ? '' : person('tagger', object.tagger);
    return `object ${object.object}\ntype ${object.objectType}\ntag ${object.tag}\n${tagger}\n${object.message}`;
  }
  const parents = object.parents.map((parent) => `parent ${parent}\n`).join('');
  const people = person('author', object.author) + person('committer', object.committer);
  const others = object.headers.map(({ name, value }) => `${name} ${value.replaceAll('\n', '\n ')}\n`).join('');
  return `tree ${object.tree}\n${parents}${people}${others}\n${object.message}`;
}
const commit = (change: { author?: string; others?: string; message?: string }) =>
  utf8(
    `tree ${'0'.repeat(40)}\nauthor ${change.author ?? 'A <a@b> 0 +0000'}\ncommitter A <a@b> 0 +0000\n` +
      `${change.others ?? ''}\n${change.message ?? ''}`,
  );

describe('parseGitObject', () => {
  test.each(vectors.valid)('reads $name', async ({ object, parsed, signedData }) => {
    const bytes = fromHex(object);
    const read = parseGitObject(bytes);
    expect(read).toEqual(parsed);
    if (read.decoded === 'utf-8') expect(toHex(utf8(written(read)))).toBe(object);
    expect(toHex(await gitSignedData(bytes))).toBe(signedData);
  });
  test.each(vectors.invalid)('refuses $name', ({ object }) => {
    expect(() => parseGitObject(fromHex(object))).toThrow(GitFormatError);
  });
  test('a truncation is refused, or ends in the message', () => {
    for (const { object } of vectors.valid) {
      const bytes = fromHex(object);
      const message = latin1(bytes).indexOf('\n\n') + 2;
      const shown = bytes.subarray(0, 3_000);
      for (let end = 0; end < shown.length; end++) {
        if (end < message) expect(() => parseGitObject(bytes.slice(0, end))).toThrow(GitFormatError);
        else expect(parseGitObject(bytes.slice(0, end)).message.length).toBeLessThanOrEqual(end - message);
      }
    }
  });
  test('what differs is read differently, or refused', () => {
    const seeds = vectors.valid.filter(({ parsed }) => parsed.decoded === 'utf-8').map(({ object }) => fromHex(object));
    const change = fc.tuple(fc.constantFrom(...seeds), fc.nat(), fc.uint8Array({ maxLength: 3 }), fc.nat(3));
    fc.assert(
      fc.property(change, ([seed, at, insert, remove]) => {
        const from = at % (seed.length + 1);
        const bytes = concat(seed.subarray(0, from), insert, seed.subarray(from + remove));
        try {
          const read = parseGitObject(bytes);
          if (read.decoded === 'utf-8') expect(toHex(utf8(written(read)))).toBe(toHex(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(GitFormatError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
  test('text is kept as it is: double spaces, tabs, controls, marks of direction, CRLF', () => {
    const marked = parseGitObject(objectCalled('message with marks and controls'));
    expect(marked.message).toBe('a \u202egnp.exe\u202c \u0007\u001b[31mred\u001b[0m \u200b\n');
    const spaced = parseGitObject(objectCalled('double spaces in the author'));
    expect(spaced).toMatchObject({
      author: { name: 'Ada  M.\t\tLovelace', raw: 'Ada  M.\t\tLovelace <ada@example.org> 1700000000 +0100' },
    });
    expect(parseGitObject(objectCalled('message with CRLF')).message).toBe('one\r\ntwo\r\n');
    expect(parseGitObject(objectCalled('message without a final newline')).message).toBe('no newline');
    expect(parseGitObject(objectCalled('empty message')).message).toBe('');
  });
  test('reads merges, tags of tags, SHA-256, headers of other tools', () => {
    expect(parseGitObject(objectCalled('octopus'))).toMatchObject({ parents: { length: 3 } });
    const merge = parseGitObject(objectCalled(': merge with a mergetag'));
    expect(merge).toMatchObject({ kind: 'commit', parents: { length: 2 }, headers: [{ name: 'mergetag' }] });
    const mergetag = merge.kind === 'commit' ? (merge.headers[0]?.value ?? '') : '';
    expect(mergetag).toContain('\n\nSide  work\n\nwith a body\n-----BEGIN SSH SIGNATURE-----\n');
    expect(parseGitObject(objectCalled('tag of a tag'))).toMatchObject({ kind: 'tag', objectType: 'tag' });
    expect(parseGitObject(objectCalled('SHA-256 commit'))).toMatchObject({
      tree: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(parseGitObject(objectCalled('headers of another tool'))).toMatchObject({
      headers: [
        { name: 'extra:one', value: 'one' },
        { name: 'extra:two', value: 'a\n\n b' },
      ],
    });
  });
  test('text that is no UTF-8 is read as its encoding header says, else byte by byte', () => {
    const read = (name: string) => {
      const { message, decoded } = parseGitObject(objectCalled(name));
      return [message, decoded];
    };
    expect(read(': encoding header')).toEqual(['Grüße\n', 'windows-1252']);
    expect(read('encoding header: Shift_JIS')).toEqual(['日本\n', 'shift_jis']);
    expect(read('encoding header that nobody knows')).toEqual(['Grüße\n', 'latin1']);
    expect(read('no UTF-8, named UTF-16LE')).toEqual(['üü\n', 'latin1']);
    expect(read('no UTF-8, named ISO-2022-JP')).toEqual(['ü\n', 'latin1']);
    expect(read('no UTF-8, named Shift_JIS, and not that either')).toEqual(['ÿ\n', 'latin1']);
    expect(read('UTF-8 whatever the encoding header says')).toEqual(['ü\n', 'utf-8']);
    expect(read('text that begins with a byte order mark')).toEqual(['\ufeffa\n', 'utf-8']);
  });
});

describe('limits', () => {
  const padded = (size: number) => commit({ message: 'x'.repeat(size - commit({}).length) });
  test('8 MiB is the longest', () => {
    expect(parseGitObject(padded(MAX_GIT_OBJECT_BYTES - 1)).message).toMatch(/^x+$/);
    expect(parseGitObject(padded(MAX_GIT_OBJECT_BYTES)).kind).toBe('commit');
    expect(() => parseGitObject(padded(MAX_GIT_OBJECT_BYTES + 1))).toThrow(GitFormatError);
  });
  test.each([
    ['one line', 'author', 'A'],
    ['lines that continue', 'others', '\n '],
    ['spaces', 'others', ' '],
    ['headers', 'others', 'a b\n'],
    ['newlines', 'message', '\n'],
    ['brackets', 'author', '<'],
    ['bytes that are no UTF-8', 'message', '\u00ff'],
  ] as const)('8 MiB of %s are read or refused', (_name, where, unit) => {
    const filler = unit.repeat(Math.floor((MAX_GIT_OBJECT_BYTES - 200) / utf8(unit).length));
    const text =
      where === 'author'
        ? commit({ author: `${filler} <a@b> 0 +0000` })
        : commit(where === 'others' ? { others: unit === 'a b\n' ? filler : `a ${filler}\n` } : { message: filler });
    // In UTF-8 that character is two bytes: with the first alone in place of each it is none.
    const bytes = unit === '\u00ff' ? text.map((byte) => (byte === 0xbf ? 0xc3 : byte)) : text;
    try {
      // One that grew with the square would outlive any test's time.
      expect(parseGitObject(bytes).kind).toBe('commit');
    } catch (error) {
      expect(error).toBeInstanceOf(GitFormatError);
    }
  });
});

describe('real signatures of git', () => {
  const { key } = parsePublicKey(parseAuthorizedKey(vectors.signed.publicKey).blob);
  test.each(vectors.signed.objects)(
    '$name: its signature is over exactly what git handed over',
    async ({ handed, signed }) => {
      const [before, after] = [latin1(fromHex(handed)), latin1(fromHex(signed))];
      const start = after.startsWith('object ') ? before.length : after.indexOf('\ngpgsig') + 1;
      const taken = after.slice(start, start + after.length - before.length);
      expect(after.slice(0, start) + after.slice(start + taken.length)).toBe(before);
      const armoured = taken.replace(/^gpgsig(?:-sha256)? /, '').replaceAll('\n ', '\n');
      const { signature, namespace } = parseSshsig(armoured);
      expect(namespace).toBe('git');
      const data = await gitSignedData(fromHex(handed));
      expect(await webHostKeyVerifier(key, parseSshSignature(signature), data)).toBe(true);
      expect(
        await webHostKeyVerifier(key, parseSshSignature(signature), await gitSignedData(fromHex(`${handed}0a`))),
      ).toBe(false);
    },
  );
});
