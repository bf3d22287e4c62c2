import { encodeFrame, FrameType, numberOf, parseDeviceId, type DeviceId } from '@palmkey/envelope';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Mailbox, type Letter, type MailboxLimits } from './mailbox.ts';
import { Ring } from './ring.ts';

const limits: MailboxLimits = { maxWaiting: 6, maxWaitingBytes: 600, maxOnTheWay: 4, maxOnTheWayBytes: 400 };
const [alice, bob] = [1, 2].map((byte) => parseDeviceId(new Uint8Array(16).fill(byte))) as [DeviceId, DeviceId];
const ignore = () => undefined;

function frameOf(number: number, { bytes = 0, key = 0, durable = false } = {}): Buffer {
  const body = new Uint8Array(bytes);
  return Buffer.from(
    encodeFrame({ type: FrameType.unicast, lifetimeS: 9, number, peer: alice, coalescingKey: key, durable, body }),
  );
}

/** The same box, said simply: a list that every step looks through from the beginning. */
class Model {
  letters: { number: number; delivery: number; bytes: number; key: string; deadline: number; seen: boolean }[] = [];
  /** Deliveries that are on their way. */
  onTheWay = new Set<number>();

  get #waiting() {
    return this.letters.filter(({ delivery }) => !this.onTheWay.has(delivery));
  }

  put(number: number, delivery: number, bytes: number, key: string, deadline: number): boolean {
    const replaced = this.letters.filter((letter) => key !== '' && letter.key === key && !letter.seen);
    const waiting = this.#waiting.filter((letter) => !replaced.includes(letter));
    if (waiting.length >= limits.maxWaiting || sum(waiting) + bytes > limits.maxWaitingBytes) return false;
    this.letters = this.letters.filter((letter) => !replaced.includes(letter));
    this.letters.push({ number, delivery, bytes, key, deadline, seen: false });
    return true;
  }

  next(): number | undefined {
    const letter = this.#waiting[0];
    const flying = this.letters.filter(({ delivery }) => this.onTheWay.has(delivery));
    if (!letter || flying.length >= limits.maxOnTheWay || sum(flying) + letter.bytes > limits.maxOnTheWayBytes) {
      return undefined;
    }
    letter.seen = true;
    this.onTheWay.add(letter.delivery);
    return letter.number;
  }

  leave(gone: (letter: Model['letters'][number]) => boolean): number[] {
    const numbers = this.letters.filter(gone).map(({ number }) => number);
    this.letters = this.letters.filter((letter) => !gone(letter));
    this.onTheWay = new Set(this.letters.map(({ delivery }) => delivery).filter((each) => this.onTheWay.has(each)));
    return numbers;
  }
}

function sum(letters: readonly { bytes: number }[]): number {
  return letters.reduce((total, { bytes }) => total + bytes, 0);
}

const steps = fc.array(
  fc.oneof(
    fc.record({
      is: fc.constant('put' as const),
      bytes: fc.nat(300),
      key: fc.nat(3),
      from: fc.constantFrom(alice, bob),
      durable: fc.boolean(),
      lifetime: fc.nat(20),
    }),
    fc.record({ is: fc.constant('next' as const) }),
    fc.record({ is: fc.constant('ack' as const), back: fc.nat(6) }),
    fc.record({ is: fc.constant('rewind' as const) }),
    fc.record({ is: fc.constant('withdraw' as const), index: fc.nat(6) }),
    fc.record({ is: fc.constant('expire' as const), after: fc.nat(8) }),
    fc.record({ is: fc.constant('own' as const) }),
  ),
  { maxLength: 120 },
);

describe('a mailbox', () => {
  test('does what a list would do that is looked through from the beginning', () => {
    fc.assert(
      fc.property(steps, (run) => {
        const box = new Mailbox(limits);
        const model = new Model();
        const letters = new Map<number, Letter>();
        let [delivery, now] = [0, 0];
        for (const step of run) {
          switch (step.is) {
            case 'put': {
              const number = ++delivery;
              const key = step.durable || step.key === 0 ? '' : `${step.from[0]} ${step.key}`;
              const { bytes, durable } = step;
              const frame = frameOf(number, { bytes, durable, key: durable ? 0 : step.key });
              const letter = box.put(step.from, frame, delivery, now + step.lifetime, ignore);
              expect(letter !== undefined).toBe(model.put(number, delivery, frame.length, key, now + step.lifetime));
              if (letter) letters.set(number, letter);
              expect(box.durable(step.from, number) === letter).toBe(durable || letter === undefined);
              break;
            }
            case 'next': {
              const letter = box.next();
              expect(letter && numberOf(letter.frame)).toBe(model.next());
              break;
            }
            case 'ack': {
              const acked: number[] = [];
              box.ack(delivery - step.back, (letter) => acked.push(numberOf(letter.frame)));
              const upTo = delivery - step.back;
              const first = model.letters.findIndex((letter) => !letter.seen || letter.delivery > upTo);
              const gone = new Set(model.letters.slice(0, first < 0 ? undefined : first));
              expect(acked).toEqual(model.leave((letter) => gone.has(letter)));
              break;
            }
            case 'rewind':
              box.rewind();
              model.onTheWay.clear();
              break;
            case 'withdraw': {
              const number = model.letters[step.index]?.number;
              const letter = number === undefined ? undefined : letters.get(number);
              if (letter) box.remove(letter);
              model.leave((each) => each.number === number);
              break;
            }
            case 'expire': {
              now += step.after;
              const expired: number[] = [];
              box.expire(now, (letter) => expired.push(numberOf(letter.frame)));
              expect(expired).toEqual(model.leave(({ deadline }) => deadline <= now));
              break;
            }
            case 'own':
              box.own(Infinity);
              break;
          }
          expect([box.isEmpty, box.onTheWay]).toEqual([model.letters.length === 0, model.onTheWay.size]);
        }
        const left = model.letters.map(({ number }) => number);
        expect(box.clear().map(({ frame }) => numberOf(frame))).toEqual(left);
        expect(box.isEmpty).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    [5, 5],
    [6, 6],
    [7, 6],
  ])('takes of %d messages %d', (count, taken) => {
    const box = new Mailbox(limits);
    const kept = Array.from({ length: count }, (_, i) => box.put(alice, frameOf(i), i + 1, 9, ignore)).filter(Boolean);
    expect(kept).toHaveLength(taken);
  });

  test.each([
    [559, true],
    [560, true],
    [561, false],
  ])('takes a body of %d bytes: %s', (bytes, taken) => {
    expect(new Mailbox(limits).put(alice, frameOf(1, { bytes }), 1, 9, ignore) !== undefined).toBe(taken);
  });

  test.each([
    [3, 3],
    [4, 4],
    [5, 4],
  ])('has of %d messages %d on their way', (count, sent) => {
    const box = new Mailbox(limits);
    for (let i = 0; i < count; i++) box.put(alice, frameOf(i), i + 1, 9, ignore);
    while (box.next());
    expect(box.onTheWay).toBe(sent);
  });

  test('gives each letter bytes of its own, once', () => {
    const box = new Mailbox(limits);
    const frame = frameOf(1);
    const letter = box.put(alice, frame, 1, 9, ignore)!;
    box.own(Infinity);
    const owned = letter.frame;
    expect(owned.buffer).not.toBe(frame.buffer);
    expect(owned.equals(frame)).toBe(true);
    box.own(Infinity);
    expect(letter.frame).toBe(owned);
  });

  test('gives bytes of its own to letters up to a delivery alone, and to later ones the next time', () => {
    const box = new Mailbox(limits);
    const letters = [1, 2, 3].map((delivery) => box.put(alice, frameOf(delivery), delivery, 9, ignore)!);
    box.own(2);
    expect(letters.map(({ owned }) => owned)).toEqual([true, true, false]);
    box.own(3);
    expect(letters.map(({ owned }) => owned)).toEqual([true, true, true]);
  });

  test('that replaces a hundred thousand times holds one', () => {
    const box = new Mailbox(limits);
    for (let i = 0; i < 100_000; i++) box.put(alice, frameOf(i, { key: 1 }), i + 1, 9, ignore);
    expect(numberOf(box.next()!.frame)).toBe(99_999);
    expect(box.next()).toBeUndefined();
  });
});

test('a ring does what a list does', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(100), fc.constantFrom('shift', 'odd', 'clear'))), (run) => {
      const ring = new Ring<number>();
      let list: number[] = [];
      for (const step of run) {
        if (typeof step === 'number') {
          ring.push(step);
          list.push(step);
        } else if (step === 'shift') {
          expect(ring.shift()).toBe(list.shift());
        } else if (step === 'odd') {
          ring.retain((item) => item % 2 === 1);
          list = list.filter((item) => item % 2 === 1);
        } else {
          ring.clear();
          list = [];
        }
        expect(Array.from({ length: ring.length }, (_, i) => ring.at(i))).toEqual(list);
        expect(ring.at(ring.length)).toBeUndefined();
      }
    }),
  );
});
