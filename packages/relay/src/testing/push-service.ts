import type { PushRegistration } from '@palmkey/envelope';
import { execFileSync } from 'node:child_process';
import { createECDH, randomBytes, type ECDH } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPush, openVapid, type VapidClaims } from './web-push-opening.ts';

/** The longest body that a push service has to take (RFC 8030, §7.2). */
const MAX_BYTES = 4096;
/** The longest that a relay's signature may be good (RFC 8292, §2). */
const MAX_VAPID_S = 24 * 3600;

/** A push as a push service passed it on, opened with the subscription's keys. */
export interface ReceivedPush {
  readonly endpoint: string;
  /** What a browser's service worker is given. */
  readonly payload: Buffer;
  readonly ttlS: number;
  readonly urgency: string;
  readonly vapid: VapidClaims;
  /** The bytes that the service saw. */
  readonly body: Buffer;
}

/** How a push service answers: with a status, headers and perhaps a body without end, or not at all. */
export interface PushServiceAnswer {
  readonly status: number | 'none' | 'endless';
  readonly headers?: Record<string, string>;
}

/** A push service on loopback (RFC 8030) that passes nothing on: what comes for its subscriptions can be awaited. */
export class PushService implements AsyncDisposable {
  /** Its certificate, which is its own authority, PEM. */
  readonly ca: string;
  /** How it answers a sound push. */
  answer: PushServiceAnswer = { status: 201 };
  readonly #server: Server;
  readonly #subscriptions = new Map<string, { curve: ECDH; auth: Buffer }>();
  readonly #received: ReceivedPush[] = [];
  readonly #waiting: ((push: ReceivedPush) => void)[] = [];
  /** What was wrong with requests, and how many came. */
  readonly faults: string[] = [];
  requests = 0;

  private constructor(key: string, ca: string) {
    this.ca = ca;
    this.#server = createServer({ key, cert: ca }, (request, response) => void this.#take(request, response));
  }

  static async start(): Promise<PushService> {
    const { key, cert } = makeCertificate();
    const service = new PushService(key, cert);
    await new Promise<void>((resolve) => service.#server.listen(0, '127.0.0.1', resolve));
    return service;
  }

  /** Host and port, as the relay's option names them. */
  get host(): string {
    return `localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  /** A device's subscription, whose private key stays here. */
  subscribe(): PushRegistration {
    const curve = createECDH('prime256v1');
    const p256dh = new Uint8Array(curve.generateKeys());
    const auth = randomBytes(16);
    const path = `/push/${randomBytes(16).toString('base64url')}`;
    this.#subscriptions.set(path, { curve, auth });
    return { endpoint: `https://${this.host}${path}`, p256dh, auth: new Uint8Array(auth) };
  }

  /** The next push that nobody has asked for yet. */
  next(): Promise<ReceivedPush> {
    const push = this.#received.shift();
    return push ? Promise.resolve(push) : new Promise((resolve) => this.#waiting.push(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests++;
    const body = Buffer.concat(await request.toArray());
    const { status, headers = {} } = this.#judge(request, body);
    if (status === 'none') return;
    if (status === 'endless') {
      response.writeHead(400, headers);
      const more = () => {
        while (response.write(Buffer.alloc(64 * 1024)));
      };
      response.on('drain', more);
      more();
      return;
    }
    response.writeHead(status, headers).end();
  }

  #judge({ method, url = '', headers }: IncomingMessage, body: Buffer): PushServiceAnswer {
    const refuse = (status: number, fault: string): PushServiceAnswer => {
      this.faults.push(fault);
      return { status };
    };
    const subscription = this.#subscriptions.get(url);
    if (method !== 'POST' || subscription === undefined) return refuse(404, 'no subscription');
    if (body.length > MAX_BYTES) return refuse(413, 'too large');
    if (headers['content-encoding'] !== 'aes128gcm') return refuse(400, 'another encoding');
    if (!/^\d+$/.test(String(headers.ttl))) return refuse(400, 'no TTL');
    try {
      const vapid = openVapid(headers.authorization ?? '');
      const left = vapid.exp - Date.now() / 1000;
      if (vapid.aud !== `https://${this.host}` || left < 0 || left > MAX_VAPID_S)
        return refuse(403, 'another audience');
      const payload = openPush(body, subscription.curve, subscription.auth);
      if (this.answer.status === 201) {
        const [ttlS, urgency] = [Number(headers.ttl), String(headers.urgency)];
        this.#pass({ endpoint: `https://${this.host}${url}`, payload, ttlS, urgency, vapid, body });
      }
    } catch (error) {
      return refuse(403, String(error));
    }
    return this.answer;
  }

  #pass(push: ReceivedPush): void {
    const waiter = this.#waiting.shift();
    if (waiter) waiter(push);
    else this.#received.push(push);
  }
}

function makeCertificate(): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'palmkey-push-'));
  try {
    const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
    const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
    const names = ['-subj', '/CN=push', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    execFileSync('openssl', ['req', ...kind, ...names, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
