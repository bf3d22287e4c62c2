import { describe, expect, test } from 'vitest';
import { fixtureSnapshot } from '../model/fixture.ts';
import { otherRelaysWords, standingWords, switchProblem, wakesWords } from './notices-words.ts';

const { notices, computers } = fixtureSnapshot();
const [laptop] = computers;

describe('words about notifications', () => {
  test('name each hindrance, and none where there is none', () => {
    expect(standingWords('allowed') ?? standingWords('unasked') ?? standingWords(null)).toBeNull();
    const titles = (['unsupported', 'install-first', 'denied'] as const).map((s) => standingWords(s)?.title);
    expect(new Set(titles).size).toBe(3);
  });

  test('say why they were not switched on, also for what has no name', () => {
    expect(switchProblem('no-key').title).toBe('Your relay wakes no devices');
    expect(switchProblem(null).title).toBe('Not changed');
  });

  test('say who wakes the device, or that it was refused', () => {
    const on = { ...notices, on: true, relay: 'https://relay.example.org' };
    expect(wakesWords(on)).toBe('https://relay.example.org wakes this device.');
    expect(wakesWords({ ...on, wakes: 'refused' })).toContain('does not speak');
  });

  test('name the computers at other relays', () => {
    if (laptop === undefined) throw new Error('no computer');
    const on = { ...notices, on: true, relay: 'https://relay.example.org' };
    expect(otherRelaysWords(on, [{ ...laptop, relay: 'https://relay.example.org' }])).toBeNull();
    expect(otherRelaysWords(on, [{ ...laptop, name: 'attic', relay: 'https://else.example.org' }])).toContain('attic');
  });
});
