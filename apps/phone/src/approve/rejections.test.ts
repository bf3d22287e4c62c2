import { expect, test } from 'vitest';
import { annoyingComputer } from './rejections.ts';

const laptop = { id: '1a', name: 'laptop' };
const server = { id: '2b', name: 'server' };

test('a computer is annoying after two rejects within a minute', () => {
  expect(annoyingComputer([])).toBeNull();
  expect(annoyingComputer([{ computer: laptop, at: 0 }])).toBeNull();
  expect(
    annoyingComputer([
      { computer: laptop, at: 0 },
      { computer: laptop, at: 60_000 },
    ]),
  ).toBe(laptop);
  expect(
    annoyingComputer([
      { computer: laptop, at: 0 },
      { computer: laptop, at: 60_001 },
    ]),
  ).toBeNull();
});
test('rejects of two computers do not add up', () => {
  expect(
    annoyingComputer([
      { computer: laptop, at: 0 },
      { computer: server, at: 1 },
    ]),
  ).toBeNull();
  expect(
    annoyingComputer([
      { computer: laptop, at: 0 },
      { computer: server, at: 1 },
      { computer: laptop, at: 2 },
    ]),
  ).toBe(laptop);
});
