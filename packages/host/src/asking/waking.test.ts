/** Which phones are woken for a request, and what the person hears of it. */
import { beforeEach, describe, expect, test } from 'vitest';
import { AskStage, speaks } from '../testing/ask-stage.ts';
import { TestPhone } from '../testing/test-phone.ts';
import type { AskOptions } from './ask.ts';

let stage: AskStage;
beforeEach(() => {
  stage = new AskStage();
});

describe('a phone that does not answer', () => {
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  const preview = { what: 'login', user: 'deploy', server: { name: 'x'.repeat(200), port: 22 } } as const;
  const askWith = (change: Partial<AskOptions> = {}) => stage.ask({ preview, ...change });

  test('is woken with a preview that names the request, and the person hears it', async () => {
    stage.agree(stage.id, speaks(3));
    void askWith();
    stage.askPhone.absent(stage.pairing);
    await turn();
    const [[name, content, lifetimeMs] = ['', null, 0]] = stage.pushed;
    expect([name, lifetimeMs]).toEqual(['Pixel', 90_000]);
    const server = { name: `${'x'.repeat(127)}…`, port: 22 };
    expect(content).toEqual({
      kind: 'preview',
      hash: stage.hashFor('Pixel'),
      of: { what: 'login', user: 'deploy', server },
    });
    stage.clock.advance(2_000);
    expect(stage.notices).toEqual([{ is: 'woken', by: 'Pixel', woken: 'handed' }]);
  });

  test('is woken after 2 s where its relay does not say that it is away', async () => {
    stage.clock.advance(0.25);
    stage.clock.setWall(1_800_000_000_000);
    void askWith();
    stage.clock.advance(2_000.5);
    await turn();
    expect(stage.notices.map(({ is }) => is)).toEqual(['unreceived', 'woken']);
    expect(stage.pushed).toMatchObject([['Pixel', { kind: 'preview' }, 88_000]]);
    stage.clock.advance(20_000);
    await turn();
    expect(stage.pushed.at(-1)?.[2]).toBe(67_999);
  });

  test('is not woken once it has the request, and the end says what came of it', async () => {
    const result = askWith();
    stage.askPhone.absent(stage.pairing);
    await turn();
    stage.askPhone.received(stage.id, stage.hashFor('Pixel'));
    stage.clock.advance(60_000);
    expect(stage.pushed).toHaveLength(1);
    stage.askPhone.decided(stage.id, stage.hashFor('Pixel'), { is: 'reject' });
    expect(await result).toMatchObject({ outcome: 'rejected', woken: 'handed' });
    expect(stage.clock.timers).toBe(1);
  });

  test.each([
    ['has said nothing yet', null, 1],
    ['speaks version 3', speaks(3), 1],
    ['speaks version 2', speaks(2), 0],
    ['is too new', { is: 'update-us' } as const, 0],
  ])('and %s', async (_, spoken, pushes) => {
    if (spoken !== null) stage.agree(stage.id, spoken);
    void askWith();
    stage.clock.advance(2_000);
    await turn();
    expect(stage.pushed).toHaveLength(pushes);
  });

  test('and has not the key is not woken, nor is anybody for a ping', async () => {
    const tablet = new TestPhone('Tablet').pairing();
    for (const { peer } of [stage.pairing, tablet]) stage.agree(peer.id, speaks(3));
    void askWith({ others: [tablet] });
    void askWith({ question: { kind: 'ping' }, preview: null, about: null });
    for (const each of [stage.pairing, tablet]) stage.askPhone.absent(each);
    await turn();
    expect(stage.pushed.map(([name]) => name)).toEqual(['Pixel']);
  });
});
