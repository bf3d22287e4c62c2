import type { DeviceId } from '@palmkey/envelope';
import { cpSync, rmSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../clock.ts';
import { NatsLink } from '../nats/nats-link.ts';
import { OfficeNode } from '../testing/nats-node.ts';
import { RealNats } from '../testing/real-nats.ts';
import { NatsPostOffice } from './nats-post-office.ts';
import {
  anyDevice,
  contractLimits,
  mailOf,
  posted,
  postOfficeContract,
  Reader,
  RecordedEvents,
} from './post-office.contract.ts';
import type { Settled } from './post-office.ts';

const logger = pino({ level: 'silent' });
const anew = { epoch: 0, cursor: 0 };
const there = RealNats.isInstalled();
let nats: RealNats;

beforeAll(async () => {
  if (there) nats = await RealNats.start();
}, 30_000);
afterAll(async () => {
  if (there) await nats[Symbol.asyncDispose]();
});

function startNode(prefix: string, url = nats.url): Promise<OfficeNode> {
  return OfficeNode.start(`${url}?prefix=${prefix}`);
}

describe.runIf(there)('NatsPostOffice', () => {
  postOfficeContract(() => startNode('contract'));
});

describe.runIf(there)('NatsPostOffice of several nodes', () => {
  it('delivers at one node what another took, and goes on at a third from the cursor', async () => {
    const [a, b, c] = [await startNode('three'), await startNode('three'), await startNode('three')];
    const [from, to] = [anyDevice(), anyDevice()];
    const reader = new Reader();
    const line = b.office.open(to, anew, reader);
    for (let number = 1; number <= 10; number++) await posted(a.office, mailOf({ from, to, number }));
    await reader.has(10);
    line.ack(reader.delivery(6));
    line.close();
    const next = new Reader();
    c.office.open(to, { epoch: c.office.epoch, cursor: reader.delivery(6) }, next);
    await posted(a.office, mailOf({ from, to, number: 11 }));
    await next.has(4);
    expect(next.numbers).toEqual([8, 9, 10, 11]);
    for (const node of [a, b, c]) await node[Symbol.asyncDispose]();
  });

  it('keeps what a node took when that node is gone', async () => {
    const a = await startNode('gone');
    const [from, to] = [anyDevice(), anyDevice()];
    expect(await posted(a.office, mailOf({ from, to, number: 1 }))).toBe('taken');
    await a.link.connection.close();
    await using b = await startNode('gone');
    const reader = new Reader();
    b.office.open(to, anew, reader);
    await reader.has(1);
  });

  it('tells every node of mail that expired, whichever has its sender', async () => {
    await using a = await startNode('told');
    await using b = await startNode('told');
    const [from, to] = [anyDevice(), anyDevice()];
    await posted(a.office, mailOf({ from, to, number: 5, lifetimeMs: 100 }));
    await vi.waitFor(() => expect(b.events.expired).toEqual([{ from, to, number: 5 }]), { timeout: 15_000 });
    expect(a.events.expired).toEqual([{ from, to, number: 5 }]);
  });
});

describe.runIf(there)('NatsPostOffice of a user with permissions', () => {
  it('needs no subjects but those that operators are told of', async () => {
    const subjects = '[ "permitted.>", "$JS.>", "_INBOX.>" ]';
    const permissions = `permissions: { publish: ${subjects}, subscribe: ${subjects} }`;
    const users = `authorization: { users: [ { user: relay, password: word, ${permissions} } ] }`;
    await using own = await RealNats.start([], users);
    const said: string[] = [];
    const url = `nats://relay:word@127.0.0.1:${own.port}?prefix=permitted`;
    await using link = await NatsLink.connect(url, pino({}, { write: (text) => void said.push(text) }));
    const ports = { link, clock: systemClock, logger, events: new RecordedEvents(), limits: contractLimits };
    await using office = await NatsPostOffice.open(ports, new Uint8Array(randomBytes(8)));
    const [from, to] = [anyDevice(), anyDevice()];
    const reader = new Reader();
    const line = office.open(to, anew, reader);
    for (let number = 1; number <= 3; number++)
      expect(await posted(office, mailOf({ from, to, number, durable: true }))).toBe('taken');
    await reader.has(3);
    line.ack(reader.delivery(-1));
    line.close();
    await office.forget(to);
    expect(said).toEqual([]);
  }, 30_000);
});

describe.runIf(there)('NatsPostOffice when NATS is killed', () => {
  /** Posts until told to stop, never so far ahead of the reader that the mailbox is full; the numbers that were taken. */
  function keepPosting(
    node: OfficeNode,
    from: DeviceId,
    to: DeviceId,
    reader: Reader,
  ): { stop: () => Promise<number[]>; refused: Settled[] } {
    const taken: number[] = [];
    const refused: Settled[] = [];
    const stopped = new AbortController();
    const run = (async () => {
      for (let number = 1; !stopped.signal.aborted; number++) {
        const outcome = await posted(node.office, mailOf({ from, to, number, durable: true }));
        if (outcome === 'taken') taken.push(number);
        else refused.push(outcome);
        do await new Promise((resolve) => setTimeout(resolve, 1));
        while (taken.length - reader.frames.length > 300);
      }
    })();
    return {
      refused,
      stop: async () => {
        stopped.abort();
        await run;
        return taken;
      },
    };
  }

  it('refuses mail meanwhile, and delivers all that it took in order and once, by the lines that were open', async () => {
    await using own = await RealNats.start();
    await using a = await startNode('killed', own.url);
    await using b = await startNode('killed', own.url);
    const [from, to] = [anyDevice(), anyDevice()];
    const reader = new Reader();
    const line = b.office.open(to, anew, reader);
    const { epoch } = a.office;
    const acking = setInterval(() => line.ack(reader.deliveries.at(-1) ?? 0), 50);
    const posting = keepPosting(a, from, to, reader);
    for (let round = 1; round <= 3; round++) {
      await reader.has(round * 100);
      await own.kill();
      await vi.waitFor(() => expect(a.office.waitsFor()).toBe('bus'), { timeout: 15_000 });
      await own.restart();
      await vi.waitFor(() => expect([a.office.waitsFor(), b.office.waitsFor()]).toEqual([null, null]), {
        timeout: 15_000,
      });
    }
    await reader.has(400);
    const taken = await posting.stop();
    clearInterval(acking);
    await vi.waitFor(() => expect(reader.numbers).toContain(taken.at(-1)), { timeout: 15_000 });
    expect(posting.refused.length).toBeGreaterThan(0);
    expect(new Set(posting.refused)).toEqual(new Set(['unavailable']));
    const delivered = new Set(reader.numbers);
    expect(taken.filter((number) => !delivered.has(number))).toEqual([]);
    expect(reader.numbers).toEqual([...delivered].sort((x, y) => x - y));
    expect(a.office.epoch).toBe(epoch);
  }, 90_000);

  it('has another epoch where the stream is lost, closes its lines and says so', async () => {
    await using own = await RealNats.start();
    await using node = await startNode('lost', own.url);
    const [from, to] = [anyDevice(), anyDevice()];
    const { epoch } = node.office;
    const reader = new Reader();
    node.office.open(to, anew, reader);
    for (let number = 1; number <= 5; number++) await posted(node.office, mailOf({ from, to, number }));
    await reader.has(5);
    await own.kill();
    rmSync(own.folder, { recursive: true });
    await own.restart();
    await vi.waitFor(() => expect(node.events.newEpochs).toBe(1), { timeout: 15_000 });
    expect(node.office.epoch).not.toBe(epoch);
    expect(await posted(node.office, mailOf({ from, to, number: 6 }))).toBe('taken');
    const again = new Reader();
    node.office.open(to, { epoch, cursor: reader.delivery(-1) }, again);
    await again.has(1);
    expect(again.numbers).toEqual([6]);
    expect(reader.numbers).toEqual([1, 2, 3, 4, 5]);
  }, 60_000);

  it('reads from the beginning for a cursor that is beyond what the stream still has', async () => {
    await using own = await RealNats.start();
    const [from, to] = [anyDevice(), anyDevice()];
    const kept = `${own.folder}-kept`;
    const before = await startNode('cut', own.url);
    await posted(before.office, mailOf({ from, to, number: 1 }));
    await before[Symbol.asyncDispose]();
    await own.kill();
    cpSync(own.folder, kept, { recursive: true });
    await own.restart();
    const lost = await startNode('cut', own.url);
    for (let number = 2; number <= 9; number++) await posted(lost.office, mailOf({ from, to, number }));
    const reader = new Reader();
    lost.office.open(to, anew, reader);
    await reader.has(9);
    await lost[Symbol.asyncDispose]();
    await own.kill();
    rmSync(own.folder, { recursive: true });
    cpSync(kept, own.folder, { recursive: true });
    rmSync(kept, { recursive: true });
    await own.restart();
    await using after = await startNode('cut', own.url);
    await posted(after.office, mailOf({ from, to, number: 10 }));
    const again = new Reader();
    after.office.open(to, { epoch: after.office.epoch, cursor: reader.delivery(-1) }, again);
    await again.has(2);
    expect(again.numbers).toEqual([1, 10]);
  }, 60_000);
});
