import { parseAccountId, parseDeviceId } from '@palmkey/envelope';
import { expect, it } from 'vitest';
import type { ListPart } from './announcement.ts';
import { Peers } from './peers.ts';

function part(index: number, last: boolean): ListPart {
  const presence = {
    device: parseDeviceId(new Uint8Array(16).fill(index)),
    account: parseAccountId(new Uint8Array(16)),
    at: index,
  };
  return { kind: 'list', part: index, last, presences: [presence], expelled: [] };
}

it('Peers asks a node for its list when an announcement was missed, and not again within the time', () => {
  const peers = new Peers();
  peers.heard('a', 0);
  expect(peers.shouldAsk('a', 0, 0, 1_000)).toBe(true);
  expect(peers.addPart('a', 4, part(0, true))).toHaveLength(1);
  expect(peers.isNews('a', 4)).toBe(true);
  expect(peers.isNews('a', 5)).toBe(true);
  expect(peers.shouldAsk('a', 5, 2_000, 1_000)).toBe(false);
  expect(peers.isNews('a', 7)).toBe(true);
  expect(peers.shouldAsk('a', 7, 2_000, 1_000)).toBe(true);
  expect(peers.shouldAsk('a', 7, 2_500, 1_000)).toBe(false);
  expect(peers.isNews('a', 3)).toBe(false);
});

it('Peers puts a list together from its parts, and drops one whose parts do not follow', () => {
  const peers = new Peers();
  peers.heard('a', 0);
  expect(peers.addPart('a', 1, part(0, false))).toBeNull();
  expect(peers.addPart('a', 1, part(2, true))).toBeNull();
  expect(peers.addPart('a', 1, part(1, true))).toBeNull();
  expect(peers.addPart('a', 1, part(0, false))).toBeNull();
  expect(peers.addPart('a', 2, part(1, true))).toBeNull();
  expect(peers.addPart('a', 2, part(0, false))).toBeNull();
  expect(peers.addPart('a', 2, part(1, true))).toHaveLength(2);
});

it('Peers names those that were silent, unless it was not listening itself', () => {
  const peers = new Peers();
  peers.heard('a', 0);
  peers.heard('b', 900);
  expect(peers.takeSilent(500)).toEqual(['a']);
  peers.excuseAll(2_000);
  expect(peers.takeSilent(1_500)).toEqual([]);
});
