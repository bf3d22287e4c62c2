import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pageCount, pageLength, pageOf, pagesOf } from './text-pages.ts';

function joined(text: string): string {
  const source = pagesOf(text);
  return Array.from({ length: pageCount(text.length) }, (_, page) => pageOf(source, page)).join('');
}

test('all pages together are the text', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 700 }), { maxLength: 60 }), (lines) => {
      const text = lines.join('\n');
      expect(joined(text)).toBe(text);
    }),
    { numRuns: 50 },
  );
});
test('a page ends with its line', () => {
  const source = pagesOf('word word word\n'.repeat(2000));
  expect(pageOf(source, 0).endsWith('\n')).toBe(true);
  expect(pageOf(source, 1).startsWith('word')).toBe(true);
});
test('a line without an end is cut, but no character is', () => {
  const source = pagesOf('😀'.repeat(pageLength));
  expect(pageOf(source, 0)).toBe('😀'.repeat(pageLength / 2));
  const odd = pagesOf(`x${'😀'.repeat(pageLength)}`);
  expect(pageOf(odd, 0)).not.toMatch(/\p{Cs}/u);
  expect(pageOf(odd, 1)).not.toMatch(/\p{Cs}/u);
});
test('an empty text has one empty page', () => {
  expect(pageCount(0)).toBe(1);
  expect(pageOf(pagesOf(''), 0)).toBe('');
});
