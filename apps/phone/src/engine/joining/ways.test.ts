import { RelayError } from '@palmkey/envelope';
import { describe, expect, test } from 'vitest';
import type { LettingInView } from '../../model/account-view.ts';
import { Ways, type Way } from './ways.ts';

/** Ways whose end is in the test's hand, and all that was shown. */
function ways() {
  const shown: LettingInView[] = [];
  const frame = new Ways<LettingInView, string>((view) => void shown.push(view));
  const begin = (notes: string, onEnd = (): void => undefined) => {
    let end: (view: LettingInView) => void = () => undefined;
    let fail: (error: unknown) => void = () => undefined;
    const gone: Way<LettingInView, string>[] = [];
    const over = new Promise<LettingInView>((resolve, reject) => {
      end = resolve;
      fail = reject;
    });
    frame.begin(
      notes,
      (way) => {
        gone.push(way);
        return over;
      },
      { onEnd },
    );
    return { way: gone[0] ?? expect.unreachable(), end, fail, over: over.catch(() => undefined) };
  };
  return { frame, shown, begin };
}

describe('a way', () => {
  test('shows how far it is, and at its end what it came to, of which the flow hears after', async () => {
    const { frame, shown, begin } = ways();
    const seen: number[] = [];
    const first = begin('first', () => void seen.push(shown.length));
    first.way.show({ is: 'meeting' });
    expect([frame.notes, first.way.signal.aborted]).toEqual(['first', false]);
    first.end({ is: 'done', name: 'tablet' });
    await first.over;
    expect(shown).toEqual([{ is: 'preparing' }, { is: 'meeting' }, { is: 'done', name: 'tablet' }]);
    expect([frame.notes, seen]).toEqual([null, [3]]);
  });

  test('that fails shows why, and the flow does not hear of an end', async () => {
    const { frame, shown, begin } = ways();
    const first = begin('first', () => expect.unreachable());
    first.fail(new RelayError('rendezvous-full'));
    await first.over;
    expect(shown.at(-1)).toEqual({ is: 'failed', code: 'rendezvous-full', step: null, theirs: null });
    expect(frame.notes).toBeNull();
  });

  test.each(['cancel', 'interrupt', 'leave', 'begin'] as const)(
    'is stopped by %s, and shows nothing after it, however it ends',
    async (how) => {
      const { frame, shown, begin } = ways();
      const first = begin('first', () => expect.unreachable());
      if (how === 'begin') begin('second');
      else frame[how]();
      expect(first.way.signal.aborted).toBe(true);
      const before = [...shown];
      first.way.show({ is: 'meeting' });
      first.end({ is: 'done', name: 'tablet' });
      await first.over;
      expect(shown).toEqual(before);
      expect(frame.notes).toBe(how === 'begin' ? 'second' : null);
    },
  );

  test('that is over is not interrupted, and leaves the screen when it is dismissed', async () => {
    const { frame, shown, begin } = ways();
    const first = begin('first');
    frame.dismiss();
    expect(shown).toEqual([{ is: 'preparing' }]);
    first.end({ is: 'done', name: 'tablet' });
    await first.over;
    frame.interrupt();
    expect(shown.at(-1)).toEqual({ is: 'done', name: 'tablet' });
    frame.dismiss();
    expect(shown.at(-1)).toEqual({ is: 'none' });
  });
});

test('a secret that is none stops the way before and is said', () => {
  const { frame, shown, begin } = ways();
  const first = begin('first');
  frame.fail(new RelayError('bad-chain'));
  expect(first.way.signal.aborted).toBe(true);
  expect([frame.notes, shown.at(-1)]).toEqual([null, { is: 'failed', code: 'bad-chain', step: null, theirs: null }]);
});
