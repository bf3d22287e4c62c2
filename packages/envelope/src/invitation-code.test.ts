import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  INVITATION_RANDOM_BYTES,
  invitationCodeOf,
  invitationGrantPreimage,
  invitationIn,
  invitationLink,
  parseInvitationCode,
} from './invitation-code.ts';

describe('an invitation code', () => {
  test('is four groups of five characters', () => {
    expect(invitationCodeOf(Uint8Array.from({ length: 20 }, (_, i) => i + 12))).toBe('CDEFG-HJKMN-PQRST-VWXYZ');
    expect(invitationCodeOf(new Uint8Array(20).fill(32))).toBe('00000-00000-00000-00000');
    for (const length of [19, 21]) expect(() => invitationCodeOf(new Uint8Array(length))).toThrow(RangeError);
  });

  test('is read as it was made, in any case, with spaces and hyphens anywhere', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: INVITATION_RANDOM_BYTES, maxLength: INVITATION_RANDOM_BYTES }),
        (random) => {
          const code = invitationCodeOf(random);
          const bare = code.replaceAll('-', '');
          expect(parseInvitationCode(code)).toBe(bare);
          expect(parseInvitationCode(` ${bare.toLowerCase().replace(/(.{3})/g, '$1 ')}\n`)).toBe(bare);
        },
      ),
    );
  });

  test('may be typed with the letters that look like its digits', () => {
    expect(parseInvitationCode('oOiIl-L0110-AAAAA-BBBBB')).toBe('001111' + '0110' + 'AAAAABBBBB');
  });

  test.each([
    '',
    'CDEFG',
    'CDEFG-HJKMN-PQRST-VWXY',
    'CDEFG-HJKMN-PQRST-VWXYZ-0',
    'CDEFG-HJKMN-PQRST-VWXYU',
    'é'.repeat(20),
  ])('is not %j', (text) => {
    expect(parseInvitationCode(text)).toBeNull();
  });

  test('is hashed with its name before it', () => {
    const bytes = invitationGrantPreimage('CDEFGHJKMNPQRSTVWXYZ');
    expect(String.fromCharCode(...bytes)).toBe('palmkey/invitation/1CDEFGHJKMNPQRSTVWXYZ');
  });

  test('is found again in its link, which no server is told of', () => {
    const link = new URL(invitationLink('https://relay.example.org', 'CDEFG-HJKMN-PQRST-VWXYZ'));
    expect([link.origin, link.pathname, link.search]).toEqual(['https://relay.example.org', '/', '']);
    expect(invitationIn(link.hash)).toBe('CDEFG-HJKMN-PQRST-VWXYZ');
    expect(invitationIn(link.hash.slice(1))).toBe('CDEFG-HJKMN-PQRST-VWXYZ');
  });

  test.each(['', '#', '#invitation=', '#invitation=CDEFG', '#invited=CDEFG-HJKMN-PQRST-VWXYZ', '#signed-in'])(
    'is not in the fragment %j',
    (fragment) => expect(invitationIn(fragment)).toBeNull(),
  );
});
