/** What every post office keeps, whatever holds its mail: one suite in one file, so that what is promised is read as a whole. */
import {
  coalescingKeyOf,
  encodeFrame,
  FrameType,
  numberOf,
  parseDeviceId,
  parseFrame,
  type DeviceId,
  type Resume,
} from '@palmkey/envelope';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Mail, MailLine, MailReader, PostEvents, PostOffice, Settled } from './post-office.ts';

/** An office with limits small enough to reach: see {@link contractLimits}. */
export interface OfficeUnderTest extends AsyncDisposable {
  readonly office: PostOffice;
  readonly events: RecordedEvents;
}

/** With these every office of the contract is made. */
export const contractLimits = {
  mailLimitMs: 3_600_000,
  mailboxMessages: 1_000,
  mailboxBytes: 4 * 1024 * 1024,
  windowMessages: 1_024,
  windowBytes: 1024 * 1024,
  totalBytes: 256 * 1024 * 1024,
} as const;

export class RecordedEvents implements PostEvents {
  readonly expired: { from: DeviceId; to: DeviceId; number: number }[] = [];

  newEpochs = 0;

  onNewEpoch(): void {
    this.newEpochs++;
  }

  onExpired(from: DeviceId, to: DeviceId, number: number): void {
    this.expired.push({ from, to, number });
  }
}

/** A connected device that keeps what it was sent. */
export class Reader implements MailReader {
  readonly frames: Uint8Array[] = [];
  waitingBytes = 0;

  deliver(frame: Uint8Array): void {
    this.frames.push(new Uint8Array(frame));
  }

  /** The numbers that the senders gave. */
  get numbers(): number[] {
    return this.frames.map(numberOf);
  }

  /** The numbers of the deliveries. */
  get deliveries(): number[] {
    return this.frames.map(coalescingKeyOf);
  }

  /** The number of one delivery, from the end where the index is negative. */
  delivery(index: number): number {
    const delivery = this.deliveries.at(index);
    if (delivery === undefined) throw new Error(`no delivery ${index}`);
    return delivery;
  }

  async has(count: number): Promise<void> {
    await vi.waitFor(() => expect(this.frames.length).toBeGreaterThanOrEqual(count), { timeout: 15_000 });
  }
}

export function anyDevice(): DeviceId {
  return parseDeviceId(new Uint8Array(randomBytes(16)));
}

interface MailParts {
  readonly from: DeviceId;
  readonly to: DeviceId;
  readonly number: number;
  readonly durable?: boolean;
  readonly coalescingKey?: number;
  readonly body?: Uint8Array;
  readonly lifetimeMs?: number;
}

export function mailOf({ from, to, number, durable, coalescingKey, body, lifetimeMs }: MailParts): Mail {
  const frame = encodeFrame({
    type: FrameType.unicast,
    lifetimeS: 600,
    number,
    peer: from,
    coalescingKey: coalescingKey ?? 0,
    durable: durable ?? false,
    body: body ?? new Uint8Array(randomBytes(100)),
  });
  return { to, from, frame: Buffer.from(frame), expiresAt: Date.now() + (lifetimeMs ?? 600_000), line: null };
}

export function posted(office: PostOffice, mail: Mail): Promise<Settled> {
  return new Promise((resolve) => office.post(mail, resolve));
}

/** An epoch is never 0, so this begins with the oldest mail. */
const anew: Resume = { epoch: 0, cursor: 0 };

export function postOfficeContract(start: () => Promise<OfficeUnderTest>): void {
  let under: OfficeUnderTest;
  let office: PostOffice;
  beforeAll(async () => {
    under = await start();
    office = under.office;
  }, 60_000);
  afterAll(() => under[Symbol.asyncDispose]());

  /** A line that is closed when the test ends. */
  function line(device: DeviceId, resume: Resume, reader: Reader): MailLine & Disposable {
    const opened = office.open(device, resume, reader);
    return {
      ack: (delivery) => opened.ack(delivery),
      resume: () => opened.resume(),
      get unackedSince() {
        return opened.unackedSince;
      },
      close: () => opened.close(),
      [Symbol.dispose]: () => opened.close(),
    };
  }

  it('has an epoch and waits for nothing', () => {
    expect(office.epoch).toBeGreaterThan(0);
    expect(Number.isSafeInteger(office.epoch)).toBe(true);
    expect(office.waitsFor()).toBeNull();
  });

  it('delivers to a device that is connected, with the number of the delivery and otherwise byte for byte', async () => {
    const [from, to] = [anyDevice(), anyDevice()];
    const reader = new Reader();
    using _line = line(to, anew, reader);
    const mail = mailOf({ from, to, number: 7 });
    const sent = parseFrame(new Uint8Array(mail.frame));
    expect(await posted(office, mail)).toBe('taken');
    await reader.has(1);
    const got = parseFrame(reader.frames[0] ?? new Uint8Array(0));
    expect(got.coalescingKey).toBeGreaterThan(0);
    expect({ ...got, coalescingKey: 0 }).toEqual(sent);
  });

  it('keeps mail for a device that is away, and delivers it in order', async () => {
    const [from, to] = [anyDevice(), anyDevice()];
    const numbers = Array.from({ length: 300 }, (_, i) => i + 1);
    const settled = numbers.map((number) => posted(office, mailOf({ from, to, number, durable: number % 2 === 0 })));
    expect(new Set(await Promise.all(settled))).toEqual(new Set(['taken']));
    const reader = new Reader();
    using _line = line(to, anew, reader);
    await reader.has(300);
    expect(reader.numbers).toEqual(numbers);
    expect(reader.deliveries).toEqual([...reader.deliveries].sort((a, b) => a - b));
    expect(new Set(reader.deliveries).size).toBe(300);
  });

  it('settles the durable mail of one sender in the order in which it was posted', async () => {
    const [from, to] = [anyDevice(), anyDevice()];
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 200 }, async (_, number) => {
        await posted(office, mailOf({ from, to, number, durable: true }));
        order.push(number);
      }),
    );
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  it('delivers again what was not acked, and never again what was', async () => {
    const [from, to] = [anyDevice(), anyDevice()];
    for (let number = 1; number <= 5; number++) await posted(office, mailOf({ from, to, number, durable: true }));
    const first = new Reader();
    const one = line(to, anew, first);
    await first.has(5);
    one.ack(first.delivery(2));
    one.close();
    const second = new Reader();
    using _two = line(to, { epoch: office.epoch, cursor: first.delivery(2) }, second);
    await second.has(2);
    expect(second.numbers).toEqual([4, 5]);
    expect(second.deliveries).toEqual(first.deliveries.slice(3));
  });

  it('lets go of what is at or before the cursor in its own epoch, and of nothing in another', async () => {
    const [from, to] = [anyDevice(), anyDevice()];
    for (let number = 1; number <= 3; number++) await posted(office, mailOf({ from, to, number }));
    const first = new Reader();
    line(to, anew, first).close();
    const other = new Reader();
    const again = line(to, { epoch: office.epoch + 1, cursor: Number.MAX_SAFE_INTEGER }, other);
    await other.has(3);
    again.close();
    const same = new Reader();
    using _line = line(to, { epoch: office.epoch, cursor: other.delivery(1) }, same);
    await same.has(1);
    expect(same.numbers).toEqual([3]);
  });

  it('takes an ack beyond what was delivered as one of all that was', async () => {
    const [from, to] = [anyDevice(), anyDevice()];
    const reader = new Reader();
    using open = line(to, anew, reader);
    await posted(office, mailOf({ from, to, number: 1 }));
    await reader.has(1);
    expect(open.unackedSince).not.toBeNull();
    open.ack(Number.MAX_SAFE_INTEGER);
    expect(open.unackedSince).toBeNull();
    await posted(office, mailOf({ from, to, number: 2 }));
    await reader.has(2);
    expect(reader.numbers).toEqual([1, 2]);
  });

  it('takes a durable message that is sent again once while it holds it', async () => {
    const [from, to] = [anyDevice(), anyDevice()];
    const mail = { from, to, number: 9, durable: true };
    expect(await posted(office, mailOf(mail))).toBe('taken');
    expect(await posted(office, mailOf(mail))).toBe('taken');
    expect(await posted(office, mailOf({ ...mail, from: anyDevice() }))).toBe('taken');
    expect(await posted(office, mailOf({ ...mail, number: 10 }))).toBe('taken');
    const reader = new Reader();
    using _line = line(to, anew, reader);
    await reader.has(3);
    expect(reader.numbers).toEqual([9, 9, 10]);
  });

  it('replaces what was not sent yet by what has the same key of the same sender', async () => {
    const [from, other, to] = [anyDevice(), anyDevice(), anyDevice()];
    for (let number = 1; number <= 5; number++) {
      expect(await posted(office, mailOf({ from, to, number, coalescingKey: 1 }))).toBe('taken');
    }
    await posted(office, mailOf({ from, to, number: 6, coalescingKey: 2 }));
    await posted(office, mailOf({ from: other, to, number: 7, coalescingKey: 1 }));
    await posted(office, mailOf({ from, to, number: 8, coalescingKey: 1, durable: true }));
    await posted(office, mailOf({ from, to, number: 9 }));
    await vi.waitFor(async () => {
      const reader = new Reader();
      using _line = line(to, anew, reader);
      await vi.waitFor(() => expect(reader.numbers).toContain(9));
      expect(reader.numbers).toEqual([5, 6, 7, 8, 9]);
    });
  });

  it('refuses what is beyond the messages of a mailbox, and takes more once some are acked', async () => {
    const [from, to] = [anyDevice(), anyDevice()];
    const outcomes = await Promise.all(
      Array.from({ length: 1_005 }, (_, i) => posted(office, mailOf({ from, to, number: i + 1 }))),
    );
    expect(outcomes.filter((outcome) => outcome === 'taken')).toHaveLength(1_000);
    expect(outcomes.slice(1_000)).toEqual(Array.from({ length: 5 }, () => 'mailbox-full'));
    const reader = new Reader();
    using open = line(to, anew, reader);
    await reader.has(1_000);
    open.ack(reader.delivery(-1));
    await vi.waitFor(async () => expect(await posted(office, mailOf({ from, to, number: 2_000 }))).toBe('taken'), {
      timeout: 15_000,
    });
  });

  it('refuses what is beyond the bytes of a mailbox, and takes more once some are acked', async () => {
    const [from, to] = [anyDevice(), anyDevice()];
    const body = new Uint8Array(60_000);
    const outcomes = await Promise.all(
      Array.from({ length: 100 }, (_, i) => posted(office, mailOf({ from, to, number: i + 1, body }))),
    );
    const more = await posted(office, mailOf({ from, to, number: 200, body }));
    const taken = outcomes.filter((outcome) => outcome === 'taken').length;
    expect(taken * 60_040).toBeGreaterThan(3 * 1024 * 1024);
    // A mailbox of several nodes is counted once it is stored, so a burst may go beyond.
    expect(more).toBe('mailbox-full');
    const reader = new Reader();
    using open = line(to, anew, reader);
    await vi.waitFor(
      () => {
        open.ack(reader.deliveries.at(-1) ?? 0);
        expect(reader.frames).toHaveLength(taken);
      },
      { timeout: 15_000 },
    );
    await vi.waitFor(async () => expect(await posted(office, mailOf({ from, to, number: 300, body }))).toBe('taken'), {
      timeout: 15_000,
    });
  });

  it('has no more on its way to a device than the window, and goes on with each ack', async () => {
    const [from, to] = [anyDevice(), anyDevice()];
    const body = new Uint8Array(60_000);
    const reader = new Reader();
    using open = line(to, anew, reader);
    for (let number = 1; number <= 50; number++) await posted(office, mailOf({ from, to, number, body }));
    await reader.has(17);
    const bytes = reader.frames.reduce((sum, { length }) => sum + length, 0);
    expect(bytes).toBeLessThanOrEqual(1024 * 1024 + 60_040);
    for (let acked = 0; acked < 50; acked++) {
      await reader.has(acked + 1);
      open.ack(reader.delivery(acked));
    }
    expect(reader.numbers).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
  });

  it('sends nothing to a socket that does not take it, until it does', async () => {
    const [from, to] = [anyDevice(), anyDevice()];
    const reader = new Reader();
    reader.waitingBytes = 64 * 1024 * 1024;
    using open = line(to, anew, reader);
    const marker = anyDevice();
    const markerReader = new Reader();
    using _marker = line(marker, anew, markerReader);
    await posted(office, mailOf({ from, to, number: 1 }));
    await posted(office, mailOf({ from, to: marker, number: 1 }));
    await markerReader.has(1);
    expect(reader.frames).toEqual([]);
    reader.waitingBytes = 0;
    open.resume();
    await reader.has(1);
  });

  it('sends nothing once the line is closed, and keeps it', async () => {
    const [from, to] = [anyDevice(), anyDevice()];
    const closed = new Reader();
    line(to, anew, closed).close();
    await posted(office, mailOf({ from, to, number: 1 }));
    const reader = new Reader();
    using _line = line(to, anew, reader);
    await reader.has(1);
    expect(closed.frames).toEqual([]);
  });

  it('drops mail that expired unread, and tells its sender once', async () => {
    const [from, to] = [anyDevice(), anyDevice()];
    expect(await posted(office, mailOf({ from, to, number: 3, lifetimeMs: 300 }))).toBe('taken');
    expect(await posted(office, mailOf({ from, to, number: 4 }))).toBe('taken');
    await vi.waitFor(
      () => expect(under.events.expired.filter((each) => each.from === from || each.number === 3)).toHaveLength(1),
      {
        timeout: 15_000,
      },
    );
    expect(under.events.expired.filter(({ number }) => number === 3)).toEqual([{ from, to, number: 3 }]);
    const reader = new Reader();
    using _line = line(to, anew, reader);
    await reader.has(1);
    expect(reader.numbers).toEqual([4]);
  });

  it('tells nobody of mail that was acked before its time was over', async () => {
    const [from, to] = [anyDevice(), anyDevice()];
    const reader = new Reader();
    const open = line(to, anew, reader);
    await posted(office, mailOf({ from, to, number: 31, lifetimeMs: 2_500 }));
    await reader.has(1);
    open.ack(reader.delivery(0));
    open.close();
    await posted(office, mailOf({ from, to, number: 32, lifetimeMs: 2_500 }));
    await vi.waitFor(() => expect(under.events.expired.map(({ number }) => number)).toContain(32), { timeout: 15_000 });
    expect(under.events.expired.map(({ number }) => number)).not.toContain(31);
  });

  it('forgets the mail of a device', async () => {
    const [from, to] = [anyDevice(), anyDevice()];
    await posted(office, mailOf({ from, to, number: 1, durable: true }));
    await office.forget(to);
    await posted(office, mailOf({ from, to, number: 2 }));
    const reader = new Reader();
    using _line = line(to, anew, reader);
    await reader.has(1);
    expect(reader.numbers).toEqual([2]);
  });

  it('delivers a stream of mail in order, without loss, while the device acks', async () => {
    const [from, to] = [anyDevice(), anyDevice()];
    const reader = new Reader();
    using open = line(to, anew, reader);
    const count = 3_000;
    const acking = (async () => {
      for (let acked = 0; acked < count;) {
        await reader.has(Math.min(acked + 64, count));
        acked = reader.frames.length;
        open.ack(reader.delivery(-1));
      }
    })();
    for (let number = 1; number <= count;) {
      const some = Array.from({ length: Math.min(100, count - number + 1) }, (_, i) => number + i);
      for (const each of some) {
        await vi.waitFor(async () => expect(await posted(office, mailOf({ from, to, number: each }))).toBe('taken'), {
          timeout: 15_000,
        });
      }
      number += some.length;
    }
    await acking;
    expect(reader.numbers).toEqual(Array.from({ length: count }, (_, i) => i + 1));
  }, 60_000);
}
