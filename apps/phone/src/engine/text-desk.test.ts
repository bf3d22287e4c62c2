import { parseDeviceId } from '@palmkey/envelope';
import { parseStreamId } from '@palmkey/core/messages';
import { expect, test } from 'vitest';
import { MemoryStore } from '../store/memory-store.ts';
import { StoredReplay } from './replay-store.ts';
import { RequestShelf } from './request-shelf.ts';
import { FakeLocks } from './testing/fake-locks.ts';
import { TextDesk } from './text-desk.ts';
import { Turns } from './turns.ts';

test('the numbers of parts that nobody wanted are stored before they are too many', async () => {
  const replay = await StoredReplay.open(new MemoryStore(), 0);
  const desk = new TextDesk({
    turns: new Turns(new FakeLocks()),
    replay,
    shelf: new RequestShelf(),
    post: { want: () => expect.unreachable() },
    onWhole: () => expect.unreachable(),
    onWrong: () => expect.unreachable(),
  });
  const sender = parseDeviceId(new Uint8Array(16).fill(1));
  const stream = parseStreamId(new Uint8Array(16));
  for (let n = 1; n < 200; n += 1) {
    expect(replay.accept(sender, stream, n, 1)).toBe('new');
    expect(await desk.part('01', 'ab', 0, new Uint8Array(1))).toBe(false);
    expect(replay.unstored).toBeLessThanOrEqual(65);
  }
});
