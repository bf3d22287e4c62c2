import { expect, test } from 'vitest';
import { signInFailure, signInProblem } from './admission-words.ts';

const failures = ['sign-in-refused', 'name-taken', 'bad-state', 'unavailable', 'quota', 'blocked'] as const;

test('signInFailure has words of its own for each code that a relay sends back, and names one that it does not know', () => {
  expect(new Set(failures.map((code) => signInFailure(code).title)).size).toBe(failures.length);
  for (const code of failures) expect(signInFailure(code).text).not.toContain(code);
  expect(signInFailure('oracle').text).toContain('oracle');
});

test('signInProblem names the address that a relay takes no sign-in from, and nothing where it was not reached', () => {
  const app = 'https://app.example.org';
  expect(signInProblem('wrong-origin', app)).toContain(app);
  expect(signInProblem('not-connected', app)).not.toContain(app);
});
