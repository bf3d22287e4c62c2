/** A request to several phones: who may answer, in which form each gets it, and who is out. */
import { MAX_PART_BYTES, parseRequest } from '@palmkey/core/requests';
import { beforeEach, describe, expect, test } from 'vitest';
import { approve, AskStage, speaks } from '../testing/ask-stage.ts';
import { TestPhone } from '../testing/test-phone.ts';
import type { Question } from './ask.ts';

let stage: AskStage;
beforeEach(() => {
  stage = new AskStage();
});

describe('several phones', () => {
  const tablet = new TestPhone('Tablet');
  const second = tablet.pairing();
  beforeEach(() => {
    for (const { peer } of [stage.pairing, second]) stage.agree(peer.id, speaks(2));
  });

  const askBoth = (change: Partial<Question> = {}, holders = [stage.pairing, second]) =>
    stage.ask({
      holders,
      others: [stage.pairing, second],
      question: { ...stage.question, ...change } as Question,
      verify: stage.slowly,
    });
  type GitObject = Extract<Question, { kind: 'git-sign' }>['object'];
  const git = (object: GitObject, holders = [stage.pairing, second], text?: Uint8Array) =>
    stage.ask({
      holders,
      others: [stage.pairing, second],
      question: { kind: 'git-sign', key: stage.phone.key, object, repository: null, origin: { sure: 'none' } },
      ...(text !== undefined && { text }),
      about: { ...stage.about, kind: 'git' },
    });

  test('all of them are asked, and all hear how it was settled and by whom', async () => {
    const result = askBoth();
    stage.askPhone.decided(second.peer.id, stage.hashFor('Tablet'), {
      is: 'approve',
      signature: Uint8Array.of(2),
      until: 77,
    });
    stage.verified(true);
    expect(await result).toMatchObject({ outcome: 'approved', by: 'Tablet', until: 77, signature: Uint8Array.of(2) });
    expect([stage.kindsTo('Pixel'), stage.kindsTo('Tablet')]).toEqual([
      ['ask', 'settled'],
      ['ask', 'settled'],
    ]);
    expect(stage.settled()).toMatchObject([{ by: second.peer.id }, { by: second.peer.id }]);
  });

  test('a reject of one wins over the approval of another that is not acted on yet', async () => {
    const result = askBoth();
    stage.askPhone.decided(stage.id, stage.hashFor('Pixel'), approve);
    stage.askPhone.decided(second.peer.id, stage.hashFor('Tablet'), { is: 'reject' });
    stage.verified(true);
    expect(await result).toMatchObject({ outcome: 'rejected', by: 'Tablet', signature: null });
  });

  test('one without the key may reject or pass, and not approve', async () => {
    const result = askBoth({}, [stage.pairing]);
    stage.askPhone.received(second.peer.id, stage.hashFor('Tablet'));
    stage.askPhone.decided(second.peer.id, stage.hashFor('Tablet'), approve);
    stage.askPhone.decided(second.peer.id, stage.hashFor('Tablet'), { is: 'pass' });
    expect(await result).toMatchObject({ outcome: 'passed', by: 'Tablet', received: false });
    expect(stage.notices).toEqual([{ is: 'received', by: 'Tablet', holds: false }]);
  });

  test('one without the key is not asked in version 1, nor before it has said what it speaks', () => {
    stage.agree(second.peer.id, speaks(1));
    void askBoth({}, [stage.pairing]);
    expect(stage.kindsTo('Tablet')).toEqual([]);
    stage.agree(second.peer.id, null);
    stage.askPhone.repeat(second);
    expect(stage.kindsTo('Tablet')).toEqual([]);
    stage.agree(second.peer.id, speaks(2));
    stage.askPhone.repeat(second);
    expect(stage.kindsTo('Tablet')).toEqual(['ask']);
  });

  test('are absent only when all that have the key are', () => {
    void askBoth();
    stage.askPhone.absent(stage.pairing);
    expect(stage.askPhone.waiting()[0]?.phones).toEqual(['Tablet']);
    stage.clock.advance(2_000);
    expect(stage.notices).toEqual([{ is: 'unreceived', absent: false }]);
    void askBoth({}, [stage.pairing]);
    stage.askPhone.absent(stage.pairing);
    stage.clock.advance(2_000);
    expect(stage.notices.at(-1)).toEqual({ is: 'unreceived', absent: true });
  });

  test('one that is unpaired is out, its approval too, and the others go on', async () => {
    const result = askBoth();
    stage.askPhone.decided(stage.id, stage.hashFor('Pixel'), approve);
    const first = stage.verified;
    stage.askPhone.forget(stage.pairing, 'unpaired');
    first(true);
    await new Promise(setImmediate);
    expect(stage.askPhone.waiting()).toHaveLength(1);
    stage.askPhone.decided(second.peer.id, stage.hashFor('Tablet'), approve);
    stage.verified(true);
    expect(await result).toMatchObject({ outcome: 'approved', by: 'Tablet' });
  });

  test('when the last that can answer is taken out of the account, that is what is said', async () => {
    const result = askBoth();
    stage.askPhone.forget(second, 'revoked');
    stage.askPhone.forget(stage.pairing, 'revoked');
    stage.askPhone.decided(stage.id, stage.hashFor('Pixel'), approve);
    expect(await result).toMatchObject({ outcome: 'failed', by: null, code: 'revoked', signature: null });
  });

  test('one of version 1 gets a login of version 1, answers by its hash, and hears withdrawn for passed', async () => {
    stage.agree(stage.id, speaks(1));
    const origin = { sure: 'claimed', programs: ['ssh'], terminal: null, directory: '/src' } as const;
    const result = askBoth({ origin });
    const [old, young] = ['Pixel', 'Tablet'].map((name) => stage.hashFor(name));
    expect(old).not.toEqual(young);
    const request = stage.sentTo.flatMap(([to, c]) =>
      to === 'Pixel' && c.kind === 'ask' ? [parseRequest(c.request)] : [],
    );
    expect(request).toMatchObject([{ origin: { sure: 'claimed', programs: ['ssh'], terminal: null } }]);
    expect(JSON.stringify(request)).not.toContain('directory');
    stage.askPhone.decided(second.peer.id, stage.hashFor('Tablet'), { is: 'pass' });
    expect(await result).toMatchObject({ outcome: 'passed' });
    const told = stage.sentTo.flatMap(([to, c]) => (c.kind === 'settled' ? [[to, c.hash, c.outcome]] : []));
    expect(told).toEqual([
      ['Pixel', old, 'withdrawn'],
      ['Tablet', young, 'passed'],
    ]);
  });

  test('one that has not said what it speaks gets what both versions know, and the same again when it has', () => {
    stage.agree(stage.id, null);
    void askBoth({ origin: { sure: 'claimed', programs: [], terminal: null, directory: '/src' } });
    stage.agree(stage.id, speaks(2));
    stage.askPhone.repeat(stage.pairing);
    const asks = stage.sentTo.filter(([to]) => to === 'Pixel').map(([, content]) => content);
    expect(asks).toHaveLength(2);
    expect(asks[1]).toEqual(asks[0]);
  });

  test.each([
    [speaks(1), 'phone-too-old'],
    [{ is: 'update-us' } as const, 'update-us'],
    [{ is: 'update-peer' } as const, 'update-phone'],
  ])('a commit is not asked of one that cannot know it: %o', async (how, code) => {
    stage.agree(stage.id, how);
    const result = git({ is: 'whole', bytes: Uint8Array.of(1) }, [stage.pairing]);
    expect(await result).toMatchObject({ outcome: 'failed', code, signature: null });
    expect(stage.kindsTo('Pixel')).toEqual([]);
  });

  test('a commit goes to one that has not said what it speaks, and fails once it turns out to be too old', async () => {
    stage.agree(stage.id, null);
    const result = git({ is: 'whole', bytes: Uint8Array.of(1) }, [stage.pairing]);
    expect(stage.kindsTo('Pixel')).toEqual(['ask']);
    stage.agree(stage.id, speaks(1));
    stage.askPhone.repeat(stage.pairing);
    expect(await result).toMatchObject({ outcome: 'failed', code: 'phone-too-old' });
  });

  test('parts are served as they are wanted, only of an open request, only to who was asked, and not without end', async () => {
    const text = new Uint8Array(2 * MAX_PART_BYTES + 5).fill(7);
    const object = { is: 'parts', size: text.length, sha256: new Uint8Array(32) } as const;
    const result = git(object, [stage.pairing], text);
    const hash = stage.hashFor('Pixel');
    const parts = () => stage.sentTo.flatMap(([, c]) => (c.kind === 'part' ? [[c.from, c.bytes.length]] : []));
    stage.askPhone.wanted(stage.id, hash, 0);
    stage.askPhone.wanted(stage.id, hash, 2 * MAX_PART_BYTES);
    stage.askPhone.wanted(stage.id, hash, text.length);
    stage.askPhone.wanted(stage.stranger.device.id, hash, 0);
    expect(parts()).toEqual([
      [0, MAX_PART_BYTES],
      [2 * MAX_PART_BYTES, 5],
    ]);
    for (let i = 0; i < 1000; i += 1) stage.askPhone.wanted(stage.id, hash, 1);
    expect(parts().length).toBeLessThan(40);
    stage.askPhone.decided(stage.id, hash, { is: 'reject' });
    await result;
    const before = parts().length;
    stage.askPhone.wanted(second.peer.id, hash, 0);
    expect(parts()).toHaveLength(before);
  });

  test('what one says that is not understood is told to who waits', () => {
    void askBoth();
    stage.askPhone.notUnderstood(second);
    expect(stage.notices).toEqual([{ is: 'not-understood', by: 'Tablet' }]);
  });
});
