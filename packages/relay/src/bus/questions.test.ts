import { expect, it } from 'vitest';
import { TestClock } from '../testing/test-clock.ts';
import { Questions } from './questions.ts';

it('a question is answered by the answer of its own token, once', async () => {
  const questions = new Questions(new TestClock());
  const tokens: number[] = [];
  const asked = [0, 1].map(() => questions.ask((token) => tokens.push(token)));
  questions.answered(tokens[1] ?? 0, true);
  questions.answered(tokens[1] ?? 0, false);
  questions.answered(tokens[0] ?? 0, false);
  expect(await Promise.all(asked)).toEqual([false, true]);
});

it('a question that nobody answers in 1 s is answered by no', async () => {
  const clock = new TestClock();
  const questions = new Questions(clock);
  let answer: boolean | undefined;
  const asked = questions.ask(() => undefined).then((is) => (answer = is));
  clock.advance(999);
  await Promise.resolve();
  expect(answer).toBeUndefined();
  clock.advance(1);
  expect(await asked).toBe(false);
});

it('of more questions than may wait the last is not asked, until one is answered', async () => {
  const questions = new Questions(new TestClock());
  const tokens: number[] = [];
  for (let i = 0; i < 1_024; i++) void questions.ask((token) => tokens.push(token));
  expect(await questions.ask((token) => tokens.push(token))).toBe(false);
  expect(tokens).toHaveLength(1_024);
  questions.answered(tokens[0] ?? 0, true);
  const last = questions.ask((token) => tokens.push(token));
  expect(tokens).toHaveLength(1_025);
  questions.giveUpAll();
  expect(await last).toBe(false);
});
