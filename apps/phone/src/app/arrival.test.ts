import { describe, expect, test, vi } from 'vitest';
import { takeArrival } from './arrival.ts';

const hash = 'ab'.repeat(32);

function take(fragment: string) {
  const replaceState = vi.fn();
  const location = { pathname: '/', hash: fragment, href: `http://localhost/${fragment}` };
  return { arrival: takeArrival({ location, history: { replaceState } }), cleared: replaceState.mock.calls.length > 0 };
}

describe('takeArrival', () => {
  test.each([
    ['#signed-in', { is: 'signed-in' }],
    ['#sign-in-failed=bad-state', { is: 'sign-in-failed', code: 'bad-state' }],
    ['#invitation=K7Q2M-9XW4D-0HT5B-N3VCR', { is: 'invited', code: 'K7Q2M-9XW4D-0HT5B-N3VCR' }],
    [`#request=${hash}`, { is: 'request', hash }],
  ])('takes %s out of the address', (fragment, arrival) => {
    expect(take(fragment)).toEqual({ arrival, cleared: true });
  });

  test.each([
    '',
    '#',
    '#signed-in=1',
    '#sign-in-failed=',
    '#sign-in-failed=<b>',
    '#request=abc',
    '#invitation=K7Q2M',
    '#payload',
  ])('leaves %s where it is', (fragment) => expect(take(fragment)).toEqual({ arrival: null, cleared: false }));
});
