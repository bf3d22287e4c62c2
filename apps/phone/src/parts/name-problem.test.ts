import { expect, test } from 'vitest';
import { nameProblem } from './name-problem.ts';

test('nameProblem takes 1 to 64 characters', () => {
  expect(nameProblem('')).not.toBeNull();
  expect(nameProblem('   ')).not.toBeNull();
  expect(nameProblem('a')).toBeNull();
  expect(nameProblem('a'.repeat(64))).toBeNull();
  expect(nameProblem('a'.repeat(65))).not.toBeNull();
});
test('nameProblem refuses control and bidirectional characters', () => {
  expect(nameProblem('lap\u202etop')).not.toBeNull();
  expect(nameProblem('lap\u0000top')).not.toBeNull();
});
