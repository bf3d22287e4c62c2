import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Seats, Taken } from './seats.ts';
import { type Upstream, readBody } from './upstream.ts';

/** A frame that the device has not let go of: at which index the relay has it. */
interface Waiting {
  readonly frame: Uint8Array;
  readonly upstream: number;
}

/** A line (spec/relay.md, "lines") whose frames pass through the hostile relay: it counts both ways by itself. */
class LineInHand {
  readonly seat: Taken;
  readonly #upstream: Upstream;
  readonly #path: string;
  #waiting: Waiting[] = [];
  /** The index that the device knows the first of {@link #waiting} by. */
  #from = 1;
  /** The last frame of the relay that was looked at. */
  #taken = 0;
  #posted: { readonly seqno: number; readonly body: Buffer } | null = null;
  #extraPosts = 0;
  #wake = new AbortController();
  #isCut = false;

  constructor(upstream: Upstream, path: string, seats: Seats) {
    this.#upstream = upstream;
    this.#path = path;
    this.seat = seats.take({
      toDevice: (frame) => {
        this.#waiting.push({ frame, upstream: this.#taken + 1 });
        this.#wake.abort();
      },
      toRelay: (frame) => {
        const seqno = (this.#posted?.seqno ?? 0) + ++this.#extraPosts;
        void upstream.ask('POST', `${path}?seqno=${seqno}`, joinFrames([frame]), octets);
      },
      cut: () => {
        this.#isCut = true;
        void upstream.ask('DELETE', path, Buffer.alloc(0), {});
      },
    });
  }

  async post(query: URLSearchParams, incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const body = await readBody(incoming);
    const seqno = Number(query.get('seqno'));
    const posted = this.#posted?.seqno === seqno ? this.#posted : { seqno, body: this.#changed(body) };
    const url = `${this.#path}?seqno=${seqno + this.#extraPosts}`;
    const asked = this.#extraPosts === 0 ? (incoming.url ?? url) : url;
    const answered = await this.#upstream.ask('POST', asked, posted.body, incoming.headers);
    if (answered.status === 204) this.#posted = posted;
    this.#upstream.answer(answer, answered);
  }

  async fetch(query: URLSearchParams, incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const after = Number(query.get('after'));
    const isKnown = query.has('after') && after < this.#from + this.#waiting.length;
    const url = isKnown ? this.#urlAfter(after, query) : (incoming.url ?? '');
    const wake = new AbortController();
    this.#wake = wake;
    answer.once('close', () => wake.abort());
    if (this.#isCut) answer.destroy();
    const isInjected = this.#waiting.some(({ upstream }) => upstream > this.#taken);
    if (!isInjected) {
      const fetched = await this.#upstream.ask('GET', url, Buffer.alloc(0), incoming.headers, wake.signal);
      const isWoken = fetched.status === 0 && this.#waiting.length > 0;
      if (!isWoken && (fetched.status !== 200 || !isKnown)) {
        this.#upstream.answer(answer, fetched);
        return;
      }
      if (!isWoken) this.#take(Number(fetched.headers['palmkey-from']), framesOf(fetched.body) ?? []);
    }
    const frames = after < this.#from - 1 ? [] : this.#waiting.map(({ frame }) => frame);
    answer.writeHead(200, {
      'access-control-allow-origin': '*',
      'access-control-expose-headers': 'palmkey-from',
      'cache-control': 'no-store',
      'content-type': 'application/octet-stream',
      'palmkey-from': String(this.#from),
    });
    answer.end(joinFrames(frames));
  }

  /** What the relay is to get in the place of this body; one that is not made of frames is for the relay to judge. */
  #changed(body: Buffer): Buffer {
    const frames = framesOf(body);
    if (!frames) return body;
    const changed = frames.flatMap((frame) => this.seat.fromDevice(frame));
    const isSame = changed.length === frames.length && changed.every((each, i) => each === frames[i]);
    return isSame ? body : joinFrames(changed);
  }

  /** Lets go of what the device has, and asks for what comes after. */
  #urlAfter(after: number, query: URLSearchParams): string {
    const gone = this.#waiting.splice(0, Math.max(0, after - this.#from + 1));
    this.#from += gone.length;
    const next = this.#waiting[0]?.upstream ?? this.#taken + 1;
    return `${this.#path}?after=${next - 1}&poll=${query.get('poll') ?? ''}`;
  }

  #take(from: number, frames: readonly Uint8Array[]): void {
    for (const [i, frame] of frames.entries()) {
      const index = from + i;
      if (index <= this.#taken) continue;
      this.#taken = index;
      for (const each of this.seat.fromRelay(frame)) this.#waiting.push({ frame: each, upstream: index });
    }
  }
}

const octets = { 'content-type': 'application/octet-stream' };

/** All lines, by their tokens. */
export class LineDesk {
  readonly #upstream: Upstream;
  readonly #seats: Seats;
  readonly #lines = new Map<string, LineInHand>();

  constructor(upstream: Upstream, seats: Seats) {
    this.#upstream = upstream;
    this.#seats = seats;
  }

  /** Serves a request about lines. */
  async serve(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(incoming.url ?? '', 'http://localhost');
    const token = pathname.slice('/v1/line/'.length);
    const line = this.#lines.get(token);
    if (line && incoming.method === 'POST') return line.post(searchParams, incoming, answer);
    if (line && incoming.method === 'GET') return line.fetch(searchParams, incoming, answer);
    const { method = 'GET', url = '', headers } = incoming;
    const answered = await this.#upstream.ask(method, url, await readBody(incoming), headers);
    if (pathname === '/v1/line' && answered.status === 201) {
      const begun: unknown = JSON.parse(answered.body.toString());
      if (typeof begun === 'object' && begun !== null && 'line' in begun && typeof begun.line === 'string') {
        this.#lines.set(begun.line, new LineInHand(this.#upstream, `/v1/line/${begun.line}`, this.#seats));
      }
    }
    if (line && method === 'DELETE') {
      this.#seats.leave(line.seat);
      this.#lines.delete(token);
    }
    this.#upstream.answer(answer, answered);
  }
}

/** The frames of a body, or undefined where it is not made of frames. */
function framesOf(body: Buffer): Uint8Array[] | undefined {
  const frames: Uint8Array[] = [];
  for (let at = 0; at < body.length;) {
    const length = at + 4 <= body.length ? body.readUInt32BE(at) : Infinity;
    if (at + 4 + length > body.length) return undefined;
    frames.push(new Uint8Array(body.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  return frames;
}

function joinFrames(frames: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    frames.flatMap((frame) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(frame.length);
      return [length, frame];
    }),
  );
}
