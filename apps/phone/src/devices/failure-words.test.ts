import type { FollowErrorCode } from '@palmkey/core/account';
import type { KexFault, ProvisioningError, WayFault } from '@palmkey/core/provisioning';
import { describe, expect, test } from 'vitest';
import type { JoiningError } from '../engine/joining/failed-way.ts';
import { isKnownFailure, joiningFailure } from './failure-words.ts';

/** Every code there is: one that is added to core does not compile before it is here. */
const codes: Record<KexFault | WayFault, true> = {
  'bad-packet': true,
  'packet-unopenable': true,
  'packet-mismatch': true,
  'wrong-session': true,
  'own-packet': true,
  'wrong-peer': true,
  'wrong-packet-seqno': true,
  'timed-out': true,
  closed: true,
  aborted: true,
  cancelled: true,
  unreachable: true,
  flooded: true,
  'wrong-secret': true,
  'secret-used': true,
  'account-needed': true,
  'bad-frame': true,
  'wrong-seqid': true,
  'too-many-calls': true,
  'peer-left': true,
  'bad-order': true,
  'bad-message': true,
  'other-account': true,
  'no-chain': true,
  'bad-chain': true,
  'wrong-place': true,
  'not-a-member': true,
  'too-many-devices': true,
  'bad-reverse-signature': true,
  'wrong-device-id': true,
  'reused-key': true,
  'wrong-facts': true,
  'bad-account-name': true,
  'name-taken': true,
  'wrong-commitment': true,
  refused: true,
  'bad-countersignature': true,
  'wrong-per-user-key': true,
  'wrong-passphrase-stream': true,
  'not-saved': true,
  'not-posted': true,
  conflict: true,
  'peer-failed': true,
} satisfies Record<ProvisioningError['code'], true>;

const failed = (code: string, step: string | null = null, theirs: string | null = null) => ({ code, step, theirs });

/** Of the chain that the device follows which lets in. */
const following: readonly FollowErrorCode[] = ['already-signed', 'not-the-end'];

describe('joiningFailure', () => {
  test.each([...Object.keys(codes), ...following])('has words of its own for %s', (code) => {
    expect(isKnownFailure(code)).toBe(true);
    for (const side of ['x', 'y'] as const) {
      const { title, text } = joiningFailure(failed(code), side);
      expect(title).toMatch(/^[A-Z]/);
      expect(text).toMatch(/\.$/);
      expect(text).not.toContain(code.includes('-') ? code : '(');
    }
  });
  test('names a code that it does not know', () => {
    expect(joiningFailure(failed('newer-code'), 'x').text).toContain('(newer-code)');
  });
  test('tells devices that did not meet from ones that took too long', () => {
    const meeting = joiningFailure(failed('timed-out', 'meeting'), 'x');
    expect(joiningFailure(failed('timed-out', 'asking'), 'x').title).not.toBe(meeting.title);
  });
  test('says who left, and how far the two were', () => {
    const left = (step: string) => joiningFailure(failed('peer-left', step), 'y');
    expect(left('meeting').title).toBe('Your other device ended it');
    const texts = ['meeting', 'offering', 'asking', 'joining'].map((step) => left(step).text);
    expect(new Set(texts).size).toBe(4);
    expect(joiningFailure(failed('peer-left', 'asking'), 'x').title).toBe('The new device ended it');
  });
  test('says of an end that anybody could have sent that the other device seems to have left, not that it has', () => {
    const [atX, atY] = (['x', 'y'] as const).map((side) => joiningFailure(failed('aborted', 'meeting'), side));
    expect([atX?.title, atY?.title]).toEqual([
      'The new device seems to have left',
      'Your other device seems to have left',
    ]);
    expect(atY?.text).toContain('somebody who sees the relay');
  });
  test.each(['timed-out', 'peer-left', 'unreachable'])('says after the yes that it may still come: %s', (code) => {
    const { title, text } = joiningFailure(failed(code, 'joining'), 'x');
    expect(title).toBe('It may still come');
    expect(text).not.toContain('Nothing was added');
    expect(joiningFailure(failed(code, 'joining'), 'y').title).not.toBe(title);
  });
  test.each(['other-relay', 'no-relay', 'entered-elsewhere', 'relay-full'] satisfies JoiningError['code'][])(
    'has words of its own for %s, which this device finds itself',
    (code) => {
      expect(isKnownFailure(code)).toBe(true);
      expect(joiningFailure(failed(code), 'x').text).toMatch(/\.$/);
    },
  );
  test('tells who typed a number that scanning needs none, and nobody else', () => {
    expect(joiningFailure(failed('rate-limited'), 'y').text).toContain('scan the code instead');
    expect(joiningFailure(failed('rate-limited'), 'x').text).not.toContain('scan');
  });
  test('says what the other device says', () => {
    const { title, text } = joiningFailure(failed('peer-failed', 'joining', 'not-saved'), 'x');
    expect(title).toBe('The new device could not go on');
    expect(text).toContain('The browser could not keep it');
  });
  test('gives a code of the other device that it does not know as it came', () => {
    expect(joiningFailure(failed('peer-failed', 'joining', 'no-luck'), 'y').text).toContain('It says: no-luck.');
  });
});
