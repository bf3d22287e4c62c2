/** What becomes of a message to a phone that is away, or whose relay is. */
import type { Content } from '@palmkey/core/messages';
import { requestHash } from '@palmkey/core/requests';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LinesStage } from '../testing/lines-stage.ts';

const hash = requestHash(Uint8Array.of(1));

let stage: LinesStage;
beforeEach(async () => (stage = await LinesStage.begin()));
afterEach(async () => {
  await stage[Symbol.asyncDispose]();
  expect(stage.clock.timers).toBe(0);
});

describe('a message with a lifetime', () => {
  const ask: Content = { kind: 'ask', request: Uint8Array.of(1) };
  const settled: Content = { kind: 'settled', hash, outcome: 'withdrawn', by: null };
  const how = { lifetimeMs: 60_000, coalescingKey: 5 };

  // The relay keeps mail for devices that it knows.
  beforeEach(async () => {
    await stage.arrive();
    stage.phone.leave();
    while (stage.relay.connections() > 0) await new Promise(setImmediate);
  });

  test('waits for a phone that is away, which is said of it', async () => {
    await stage.start();
    await stage.happened('absent');
    stage.events = [];
    expect(await stage.send(ask, how)).toBe(true);
    await stage.happened('absent');
    await stage.arrive();
    expect(await stage.phone.told('ask')).toEqual(ask);
  });

  test('takes the place of the one before that the phone has not come for', async () => {
    await stage.start();
    await stage.send(ask, how);
    await stage.send(settled, how);
    await stage.arrive();
    await stage.phone.told('settled');
    expect(stage.phone.heard.some(({ kind }) => kind === 'ask')).toBe(false);
  });

  test('that found no connection has what is open repeated on the next', async () => {
    await stage.start();
    const { port } = stage.relay;
    await stage.lost();
    expect(await stage.send(ask, how)).toBe(false);
    stage.events = [];
    await stage.openRelay(port);
    await stage.happened('here');
  });

  test('is kept on disk where it is durable, and brings the connection about', async () => {
    await stage.start();
    const { port } = stage.relay;
    await stage.lost();
    const durable = { lifetimeMs: 600_000, durable: true };
    expect(await stage.send({ kind: 'unpair' }, durable)).toBe(true);
    await stage.openRelay(port);
    await stage.connected();
    await stage.arrive();
    expect(await stage.phone.told('unpair')).toEqual({ kind: 'unpair' });
  });
});
