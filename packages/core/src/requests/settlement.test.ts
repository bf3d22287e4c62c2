import { parseDeviceId } from '@palmkey/envelope';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixedBytes } from '../testing/fixed-keys.ts';
import type { Answer } from './answer.ts';
import { NOTICE_AFTER_MS, RECEIVED_GRANTS_MS, Settlement, UNRECEIVED_LIMIT_MS } from './settlement.ts';

const device = (name: string) => parseDeviceId(fixedBytes(name).slice(0, 16));
const phone = device('phone');
const tablet = device('tablet');
const stranger = device('stranger');
const signature = Uint8Array.of(1, 2, 3);
const approve: Answer = { is: 'approve', signature };
const reject: Answer = { is: 'reject' };
const busy: Answer = { is: 'refuse', code: 'busy', skew: null };
const START = 5_000;

const open = (asked = [phone], lifetimeMs = 600_000) => new Settlement({ asked, now: START, lifetimeMs });
const end = (outcome: string, by: Uint8Array | null, refusal: unknown = null) => ({ outcome, by, refusal });

describe('Settlement', () => {
  it('settles with an approval when the host acts, and with nothing before', () => {
    const request = open();
    expect(request.receive(phone, START + 10)).toEqual([{ is: 'received', by: phone }]);
    expect(request.answer(phone, approve, START + 20)).toEqual([{ is: 'approval', by: phone, signature }]);
    expect(request.settled).toBeNull();
    expect(request.act()).toEqual([{ is: 'settled', settled: end('approved', phone), to: [phone] }]);
    expect(request.act()).toEqual([]);
  });

  it('lets a reject win over an approval that was not acted on', () => {
    const request = open([phone, tablet]);
    request.answer(phone, approve, START);
    expect(request.answer(tablet, reject, START)).toEqual([
      { is: 'settled', settled: end('rejected', tablet), to: [phone, tablet] },
    ]);
    expect(request.act()).toEqual([]);
  });

  it('lets a reject lose against an approval that was acted on, and answers it with the same settled', () => {
    const request = open([phone, tablet]);
    request.answer(phone, approve, START);
    request.act();
    expect(request.answer(tablet, reject, START)).toEqual([
      { is: 'settled-again', settled: end('approved', phone), to: tablet },
    ]);
  });

  it('counts the first of two approvals, and repeats settled for the second and for a late received', () => {
    const request = open([phone, tablet]);
    request.answer(phone, approve, START);
    expect(request.answer(tablet, approve, START)).toEqual([]);
    request.act();
    const again = { is: 'settled-again', settled: end('approved', phone), to: tablet };
    expect(request.answer(tablet, approve, START)).toEqual([again]);
    expect(request.receive(tablet, START)).toEqual([again]);
  });

  it('passes over a device that was not asked', () => {
    const request = open();
    expect(request.receive(stranger, START)).toEqual([]);
    expect(request.answer(stranger, approve, START)).toEqual([]);
    request.answer(phone, reject, START);
    expect(request.answer(stranger, approve, START)).toEqual([]);
  });

  it('tells once that nobody received it, 2 s after the start', () => {
    const request = open();
    expect(request.nextTickAt).toBe(START + NOTICE_AFTER_MS);
    expect(request.tick(START + NOTICE_AFTER_MS - 1)).toEqual([]);
    expect(request.tick(START + NOTICE_AFTER_MS)).toEqual([{ is: 'unreceived' }]);
    expect(request.tick(START + NOTICE_AFTER_MS + 1)).toEqual([]);
    expect(request.nextTickAt).toBe(START + UNRECEIVED_LIMIT_MS);
  });

  it('does not tell so when a phone received it in time', () => {
    const request = open();
    request.receive(phone, START + 1);
    expect(request.tick(START + NOTICE_AFTER_MS)).toEqual([]);
  });

  it('expires 30 s after the start without received', () => {
    const request = open();
    request.tick(START + NOTICE_AFTER_MS);
    expect(request.tick(START + UNRECEIVED_LIMIT_MS - 1)).toEqual([]);
    expect(request.tick(START + UNRECEIVED_LIMIT_MS)).toEqual([
      { is: 'settled', settled: end('expired', null), to: [phone] },
    ]);
    expect(request.nextTickAt).toBeNull();
  });

  it('expires 90 s after the start once it was received, whenever that was', () => {
    const request = open([phone, tablet]);
    request.receive(phone, START + 29_999);
    request.receive(tablet, START + 40_000);
    request.receive(phone, START + 50_000);
    const limit = START + UNRECEIVED_LIMIT_MS + RECEIVED_GRANTS_MS;
    expect(request.nextTickAt).toBe(limit);
    expect(request.tick(limit - 1)).toEqual([]);
    expect(request.tick(limit)).toHaveLength(1);
  });

  it("never outlives the request's own lifetime", () => {
    const request = open([phone], 10_000);
    request.receive(phone, START + 5_000);
    expect(request.nextTickAt).toBe(START + 10_000);
  });

  it('counts no answer that comes after the deadline, even where no timer fired', () => {
    const request = open();
    expect(request.answer(phone, approve, START + UNRECEIVED_LIMIT_MS)).toEqual([
      { is: 'settled', settled: end('expired', null), to: [phone] },
    ]);
    expect(request.act()).toEqual([]);
  });

  it('does not expire while an approval is being checked', () => {
    const request = open();
    request.answer(phone, approve, START);
    expect(request.nextTickAt).toBeNull();
    expect(request.tick(START + 1_000_000)).toEqual([]);
    expect(request.act()).toHaveLength(1);
  });

  it('fails when the last phone refuses, and goes on while another can answer', () => {
    const request = open([phone, tablet]);
    expect(request.answer(phone, busy, START)).toEqual([]);
    expect(request.answer(phone, busy, START)).toEqual([]);
    expect(request.answer(tablet, { is: 'refuse', code: 'clock-skew', skew: -3_600_000 }, START)).toEqual([
      {
        is: 'settled',
        settled: end('failed', tablet, { code: 'clock-skew', skew: -3_600_000 }),
        to: [phone, tablet],
      },
    ]);
  });

  it('takes an approval that is worth nothing as no answer', () => {
    const both = open([phone, tablet]);
    both.answer(phone, approve, START);
    expect(both.failAnswer(START)).toEqual([]);
    expect(both.answer(tablet, approve, START)).toEqual([{ is: 'approval', by: tablet, signature }]);
    const one = open();
    one.answer(phone, approve, START);
    expect(one.failAnswer(START)).toEqual([{ is: 'settled', settled: end('failed', phone), to: [phone] }]);
  });

  it('expires at once when the worthless approval was checked past the deadline', () => {
    const request = open([phone, tablet]);
    request.answer(phone, approve, START);
    expect(request.failAnswer(START + UNRECEIVED_LIMIT_MS)).toEqual([
      { is: 'settled', settled: end('expired', null), to: [phone, tablet] },
    ]);
  });

  it('withdraws while an approval waits, and fails where the host cannot go on', () => {
    const request = open();
    request.answer(phone, approve, START);
    expect(request.withdraw()).toEqual([{ is: 'settled', settled: end('withdrawn', null), to: [phone] }]);
    expect(request.withdraw()).toEqual([]);
    expect(open().fail()).toEqual([{ is: 'settled', settled: end('failed', null), to: [phone] }]);
  });

  it('counts the approval of a phone that holds the key, and a reject or pass of any', () => {
    const make = () => new Settlement({ asked: [phone, tablet], holders: [phone], now: START, lifetimeMs: 600_000 });
    const to = [phone, tablet];
    const request = make();
    expect(request.answer(tablet, approve, START)).toEqual([]);
    expect(request.answer(phone, approve, START)).toMatchObject([{ is: 'approval', by: phone }]);
    expect(make().answer(tablet, reject, START)).toEqual([{ is: 'settled', settled: end('rejected', tablet), to }]);
    expect(make().answer(tablet, { is: 'pass' }, START)).toEqual([
      { is: 'settled', settled: end('passed', tablet), to },
    ]);
  });

  it('fails once every phone that holds the key refused, whoever else was asked', () => {
    const request = new Settlement({ asked: [phone, tablet], holders: [phone], now: START, lifetimeMs: 600_000 });
    expect(request.answer(tablet, busy, START)).toEqual([]);
    expect(request.answer(phone, busy, START)).toMatchObject([{ settled: { outcome: 'failed', by: phone } }]);
  });

  it('keeps to an approval when a pass comes after it, and lets a reject win all the same', () => {
    const request = open([phone, tablet]);
    request.answer(phone, approve, START);
    expect(request.answer(tablet, { is: 'pass' }, START)).toEqual([]);
    expect(request.answer(tablet, reject, START)).toMatchObject([{ settled: { outcome: 'rejected', by: tablet } }]);
    expect(request.act()).toEqual([]);
  });

  it('settles at most once, and approved only where act did it, whatever happens in whatever order', () => {
    const step = fc.oneof(
      fc.record({
        does: fc.constantFrom('receive', 'approve', 'reject', 'pass', 'refuse'),
        by: fc.constantFrom(phone, tablet, stranger),
        ms: fc.nat(40_000),
      }),
      fc.record({
        does: fc.constantFrom('tick', 'act', 'fail-answer', 'withdraw'),
        by: fc.constant(phone),
        ms: fc.nat(40_000),
      }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const request = open([phone, tablet]);
        let now = START;
        let settled = 0;
        for (const { does, by, ms } of steps) {
          now += ms;
          const events =
            does === 'receive'
              ? request.receive(by, now)
              : does === 'approve'
                ? request.answer(by, approve, now)
                : does === 'reject'
                  ? request.answer(by, reject, now)
                  : does === 'pass'
                    ? request.answer(by, { is: 'pass' }, now)
                    : does === 'refuse'
                      ? request.answer(by, busy, now)
                      : does === 'tick'
                        ? request.tick(now)
                        : does === 'act'
                          ? request.act()
                          : does === 'fail-answer'
                            ? request.failAnswer(now)
                            : request.withdraw();
          const ends = events.filter((event) => event.is === 'settled');
          settled += ends.length;
          if (ends.some((event) => event.settled.outcome === 'approved')) expect(does).toBe('act');
        }
        expect(settled).toBe(request.settled ? 1 : 0);
      }),
      { numRuns: 500 },
    );
  });
});
