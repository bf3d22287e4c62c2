import { ascii } from '@palmkey/envelope';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { accountKit } from '../../../vectors/account-kit.ts';
import { linkJson } from './build.ts';
import { parseLink } from './link-json.ts';
import { AccountMaker } from './testing/account-maker.ts';

/** A link of each type. */
const texts: string[] = [];

beforeAll(async () => {
  const chain = new AccountMaker(accountKit());
  await chain.eldest('phone');
  await chain.paper('phone', 'words');
  await chain.member('phone', 'tablet');
  await chain.host('tablet', 'laptop');
  await chain.revoke('tablet', 'phone', 'laptop');
  await chain.puk('tablet');
  texts.push(...chain.links.map(({ json }) => String.fromCharCode(...json)));
});

const anyText = () => fc.nat(texts.length - 1).map((at) => texts[at] ?? '');

/** The same JSON with the keys of its objects in the orders that the numbers give. */
function reordered(value: unknown, turns: readonly number[]): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([key, each]) => [key, reordered(each, turns.slice(1))] as const);
  const turn = (turns[0] ?? 0) % entries.length;
  return Object.fromEntries([...entries.slice(turn), ...entries.slice(0, turn)]);
}

describe('parseLink', () => {
  it('takes the keys of each object in one order alone', () => {
    fc.assert(
      fc.property(anyText(), fc.array(fc.nat(7), { minLength: 3, maxLength: 3 }), (text, turns) => {
        const other = JSON.stringify(reordered(JSON.parse(text), turns));
        expect(parseLink(ascii(other)).is).toBe(other === text ? 'link' : 'refused');
      }),
    );
  });

  it('takes no text but the one that the link is written as', () => {
    const characters = [
      ' ',
      '\t',
      '"',
      ',',
      ':',
      '{',
      '}',
      '[',
      ']',
      '0',
      '1',
      'a',
      'e',
      '.',
      '-',
      '+',
      '\\',
      '\\u0061',
    ];
    const edit = fc.record({
      at: fc.nat(700),
      without: fc.nat(3),
      inserted: fc.array(fc.constantFrom(...characters), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(anyText(), fc.array(edit, { minLength: 1, maxLength: 2 }), (text, edits) => {
        const changed = edits.reduce(
          (now, { at, without, inserted }) => now.slice(0, at) + inserted.join('') + now.slice(at + without),
          text,
        );
        const parsed = parseLink(ascii(changed));
        if (parsed.is === 'link') {
          expect(String.fromCharCode(...linkJson(parsed.link))).toBe(changed);
          expect(parsed.text).toBe(changed);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
