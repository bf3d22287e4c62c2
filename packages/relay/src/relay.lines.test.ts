import { encodeControlFrame, encodeFrame, FrameType, HEADER_BYTES, parseFrame, type Frame } from '@palmkey/envelope';
import { describe, expect, onTestFinished, test } from 'vitest';
import { limits } from './limits.ts';
import { TestClock } from './testing/test-clock.ts';
import { TestDevice } from './testing/test-device.ts';
import { codeOf, testRelay } from './testing/test-relay.ts';

const body = Uint8Array.of(1, 2, 3);

function joined(frames: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    frames.flatMap((frame) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(frame.length);
      return [length, frame];
    }),
  );
}

function apart(bytes: Buffer): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt32BE(at);
    frames.push(parseFrame(bytes.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  return frames;
}

/** A line as somebody with nothing but HTTP sees it. */
class TestLine {
  readonly url: string;

  private constructor(url: string) {
    this.url = url;
  }

  static async begin(relay: string): Promise<TestLine> {
    const response = await fetch(`${relay}/v1/line`, { method: 'POST' });
    expect(response.status).toBe(201);
    const { line } = (await response.json()) as { line: string };
    return new TestLine(`${relay}/v1/line/${line}`);
  }

  /** Begins a line and has a device admitted on it: the admission is its second frame. */
  static async enter(relay: string, device: TestDevice): Promise<TestLine> {
    const line = await TestLine.begin(relay);
    const { frames } = await line.fetch(0);
    await line.post(1, [encodeControlFrame(FrameType.authenticate, 0, device.answer(frames[0]!, relay))]);
    const { frames: second } = await line.fetch(1);
    expect(second[0]!.type).toBe(FrameType.admitted);
    return line;
  }

  async post(seqno: number, frames: readonly Uint8Array[] | Buffer): Promise<number> {
    const headers = { 'content-type': 'application/octet-stream' };
    const bytes = Buffer.isBuffer(frames) ? frames : joined(frames);
    return (await fetch(`${this.url}?seqno=${seqno}`, { method: 'POST', headers, body: new Uint8Array(bytes) })).status;
  }

  async fetch(after: number, pollMs = 20_000): Promise<{ status: number; from: number; frames: Frame[] }> {
    const response = await fetch(`${this.url}?after=${after}&poll=${pollMs}`);
    const bytes = Buffer.from(await response.arrayBuffer());
    const frames = response.status === 200 ? apart(bytes) : [];
    return { status: response.status, from: Number(response.headers.get('palmkey-from')), frames };
  }
}

function live(to: TestDevice, number: number, bytes = body): Uint8Array {
  return encodeFrame({ type: FrameType.unicast, lifetimeS: 0, number, peer: to.id, coalescingKey: 0, body: bytes });
}

async function openRelay() {
  const clock = new TestClock();
  const relay = await testRelay({ admission: 'open', clock });
  onTestFinished(() => relay.close());
  return { relay, clock };
}

describe('a line', () => {
  test('carries both ways as a socket does, between a line and a socket', async () => {
    const { relay } = await openRelay();
    const [a, b] = [new TestDevice(), new TestDevice()];
    const line = await TestLine.enter(relay.url, a);
    const socket = await b.enter(relay.url);
    expect(await line.post(2, [live(b, 1), live(b, 2)])).toBe(204);
    const arrived = [await socket.next(), await socket.next()];
    expect(arrived.map(({ number, peer }) => [number, [...peer]])).toEqual([1, 2].map((n) => [n, [...a.id]]));
    const fetching = line.fetch(2);
    socket.ws.send(live(a, 9));
    const fetched = await fetching;
    expect([fetched.from, fetched.frames.map(({ number }) => number)]).toEqual([3, [9]]);
  });

  test('takes a post once, and no other than the next', async () => {
    const { relay } = await openRelay();
    const b = new TestDevice();
    const line = await TestLine.enter(relay.url, new TestDevice());
    const socket = await b.enter(relay.url);
    expect(await line.post(2, [live(b, 1)])).toBe(204);
    expect(await line.post(2, [live(b, 1)])).toBe(204);
    expect([await line.post(1, []), await line.post(4, [live(b, 3)])]).toEqual([409, 409]);
    expect(await line.post(3, [live(b, 2)])).toBe(204);
    expect([(await socket.next()).number, (await socket.next()).number]).toEqual([1, 2]);
  });

  test('keeps what was not fetched, and lets go of what was', async () => {
    const { relay } = await openRelay();
    const line = await TestLine.begin(relay.url);
    const [first, again] = [await line.fetch(0), await line.fetch(0)];
    expect([first.frames[0]!.type, again.frames[0]!.type]).toEqual([FrameType.challenge, FrameType.challenge]);
    expect(await line.fetch(1, 0)).toMatchObject({ status: 200, from: 2, frames: [] });
    expect(await line.fetch(0, 0)).toMatchObject({ status: 200, from: 2, frames: [] });
    expect((await line.fetch(2, 0)).status).toBe(400);
  });

  test('a second fetch ends the first with nothing', async () => {
    const { relay } = await openRelay();
    const a = new TestDevice();
    const line = await TestLine.enter(relay.url, a);
    const socket = await new TestDevice().enter(relay.url);
    const first = line.fetch(2);
    const second = line.fetch(2);
    const ended = await Promise.race([first, second]);
    expect(ended).toMatchObject({ status: 200, frames: [] });
    socket.ws.send(live(a, 5));
    const all = await Promise.all([first, second]);
    expect(all.flatMap(({ frames }) => frames.map(({ number }) => number))).toEqual([5]);
  });

  test('brings the error that ends it last, and is gone then', async () => {
    const { relay } = await openRelay();
    const device = new TestDevice();
    const line = await TestLine.enter(relay.url, device);
    await device.enter(relay.url);
    const { frames } = await line.fetch(2);
    expect(frames.map((frame) => codeOf(frame))).toEqual(['replaced']);
    expect(await line.post(2, [])).toBe(404);
    expect((await line.fetch(3)).frames).toEqual([]);
    expect((await line.fetch(3)).status).toBe(404);
  });

  test('bodies that are not frames are refused whole, and a broken frame ends the line', async () => {
    const { relay } = await openRelay();
    const line = await TestLine.begin(relay.url);
    const challenge = (await line.fetch(0)).frames[0]!;
    const good = joined([encodeControlFrame(FrameType.authenticate, 0, new TestDevice().answer(challenge, relay.url))]);
    for (let cut = 1; cut < good.length; cut += 13) expect(await line.post(1, good.subarray(0, cut))).toBe(400);
    expect(await line.post(1, joined([new Uint8Array(HEADER_BYTES - 1)]))).toBe(400);
    expect(await line.post(1, joined([new Uint8Array(HEADER_BYTES)]))).toBe(204);
    expect((await line.fetch(1)).frames.map((frame) => codeOf(frame))).toEqual(['unsupported-version']);
    const other = await TestLine.begin(relay.url);
    expect(await other.post(1, Buffer.alloc(limits.maxPostedBytes + 1))).toBe(413);
  });

  test('one that nobody fetches from for a minute ends, and its device is absent', async () => {
    const { relay, clock } = await openRelay();
    const device = new TestDevice();
    const line = await TestLine.enter(relay.url, device);
    const socket = await new TestDevice().enter(relay.url);
    await line.fetch(2, 0);
    clock.advance(limits.lineIdleMs - 1);
    expect(relay.connections()).toBe(2);
    clock.advance(1);
    expect(relay.connections()).toBe(1);
    socket.ws.send(live(device, 1));
    expect(codeOf(await socket.next())).toBe('absent');
    expect((await line.fetch(2)).status).toBe(404);
  });

  test('its owner can end it', async () => {
    const { relay } = await openRelay();
    const line = await TestLine.enter(relay.url, new TestDevice());
    expect((await fetch(line.url, { method: 'DELETE' })).status).toBe(204);
    expect([relay.connections(), (await line.fetch(2)).status]).toEqual([0, 404]);
  });

  test('a fetch that waits hears that the relay goes down', async () => {
    const { relay } = await openRelay();
    const line = await TestLine.enter(relay.url, new TestDevice());
    const fetching = line.fetch(2);
    // The fetch has to be there first.
    await (await fetch(`${relay.url}/health`)).json();
    const closing = relay.close();
    expect((await fetching).frames.map((frame) => codeOf(frame))).toEqual(['draining']);
    await closing;
  });

  test('one that does not read is a slow reader once 4 MiB wait', async () => {
    const { relay } = await openRelay();
    const device = new TestDevice();
    const line = await TestLine.enter(relay.url, device);
    const socket = await new TestDevice().enter(relay.url);
    const long = new Uint8Array(65_000);
    for (let i = 0; i < 70; i++) socket.ws.send(live(device, i, long));
    expect(codeOf(await socket.next())).toBe('absent');
    const { frames } = await line.fetch(2);
    expect(frames.length).toBe(Math.floor(limits.maxFetchedBytes / (long.length + HEADER_BYTES)));
    expect(relay.connections()).toBe(1);
  });

  test('of another origin, a page may use it', async () => {
    const { relay } = await openRelay();
    const line = await TestLine.begin(relay.url);
    const asked = await fetch(line.url, { method: 'OPTIONS' });
    expect([asked.status, asked.headers.get('access-control-allow-methods')]).toEqual([204, 'GET, POST, DELETE']);
    const fetched = await fetch(`${line.url}?after=0&poll=0`);
    expect(fetched.headers.get('access-control-expose-headers')).toBe('palmkey-from');
    expect(fetched.headers.get('access-control-allow-origin')).toBe('*');
  });

  test('a line that never was is none, and tokens stay out of the log', async () => {
    const { relay } = await openRelay();
    const line = await TestLine.enter(relay.url, new TestDevice());
    for (const token of ['A'.repeat(43), 'short', '..%2f..']) {
      const answer = await fetch(`${relay.url}/v1/line/${token}?after=0&poll=0`);
      expect([answer.status, ((await answer.json()) as { error: string }).error]).toEqual([404, 'no-line']);
    }
    expect(relay.log.join('')).not.toContain(line.url.split('/').at(-1));
  });
});
