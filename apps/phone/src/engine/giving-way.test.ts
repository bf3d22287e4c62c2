import { replay } from '@palmkey/chain';
import { type Primitives, sha256, webPrimitives } from '@palmkey/core/crypto';
import type { Signature, SigningPublicKey } from '@palmkey/envelope';
import { AccountMaker } from '@palmkey/chain/testing/account-maker';
import { describe, expect, it } from 'vitest';
import { accountKit } from '../../../../vectors/account-kit.ts';
import { givingWay } from './giving-way.ts';

const key = new Uint8Array(32) as SigningPublicKey;
const signature = new Uint8Array(64) as Signature;
const message = Uint8Array.of(1);

/** An event loop of which a test makes the turns, and a check that takes 3 ms of its clock. */
function loop() {
  let ms = 0;
  let turns = 0;
  let end: (() => void) | null = null;
  const events = {
    now: () => ms,
    nextTurn: () =>
      new Promise<void>((resolve) => {
        if (end !== null) throw new Error('asked for two turns at once');
        end = resolve;
      }),
  };
  return {
    events,
    check: () => {
      ms += 3;
      return true;
    },
    /** True if somebody waits for another turn, which then begins. */
    turn: (): boolean => {
      const ended = end;
      end = null;
      ms += 100;
      turns += ended === null ? 0 : 1;
      ended?.();
      return ended !== null;
    },
    get turns() {
      return turns;
    },
  };
}

const settled = () =>
  new Promise<undefined>((resolve) => {
    setImmediate(() => resolve(undefined));
  });

describe('givingWay', () => {
  it('verifies one signature in the turn in which it is asked, however long the last was ago', async () => {
    const { events, check, turn } = loop();
    const verify = givingWay({ verify: check }, events);
    expect(await verify(key, message, signature)).toBe(true);
    turn();
    await settled();
    expect(await verify(key, message, signature)).toBe(true);
  });

  it('verifies as many in a turn as there is time for, in the order in which they were asked', async () => {
    const { events, check, turn } = loop();
    const verify = givingWay({ verify: check }, events);
    const done: number[] = [];
    const all = Array.from({ length: 8 }, async (_, i) => {
      await verify(key, message, signature);
      done.push(i);
    });
    await settled();
    expect(done).toEqual([0, 1, 2]);
    turn();
    await settled();
    expect(done).toEqual([0, 1, 2, 3, 4, 5]);
    turn();
    await Promise.all(all);
    expect(done).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('passes on what the check throws, and goes on after it', async () => {
    const { events } = loop();
    let isBroken = true;
    const broken = () => {
      if (isBroken) throw new Error('no library');
      return false;
    };
    const verify = givingWay({ verify: broken }, events);
    await expect(verify(key, message, signature)).rejects.toThrow('no library');
    isBroken = false;
    expect(await verify(key, message, signature)).toBe(false);
  });

  it('lets a page have its turns while a chain is replayed, which says the same', async () => {
    const chain = await new AccountMaker(accountKit()).eldest('phone');
    for (let i = 0; i < 60; i += 1) await chain.puk('phone');
    const scene = loop();
    const slow: Pick<Primitives, 'verify'> = {
      verify: (...asked) => {
        scene.check();
        return webPrimitives.verify(...asked);
      },
    };
    const replayed = replay({ sha256, verify: givingWay(slow, scene.events) }, chain.links, null);
    for (;;) {
      const ended = await Promise.race([replayed, settled()]);
      if (ended !== undefined) break;
      scene.turn();
    }
    expect((await replayed).head.seqno).toBe(61);
    expect(scene.turns).toBeGreaterThanOrEqual(20);
  });
});
