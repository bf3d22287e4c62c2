import { MAX_PUSH_BYTES, toBase64Url, type PushRegistration } from '@palmkey/envelope';
import { ECDH } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Agent, request } from 'node:https';
import { rootCertificates } from 'node:tls';
import webPush from 'web-push';
import type { PushAnswer, PushPort, PushUrgency } from './push-port.ts';
import { PushServices } from './push-services.ts';
import type { VapidKeys } from './vapid.ts';

/** Connections to one push service at a time; more pushes wait for one of them. */
const MAX_SOCKETS = 32;
/** How much of an answer is read; only its status and one header count. */
const MAX_ANSWER_BYTES = 16 * 1024;
/** The longest time that a push service is believed to want to be left alone. */
const MAX_RETRY_AFTER_MS = 60 * 60_000;
/** What a push service asks for when it refuses for being asked too often, and does not say how long. */
const RATE_LIMITED_MS = 30_000;

/** What Web Push works with. */
export interface WebPushOptions {
  readonly keys: VapidKeys;
  /** Whom a push service writes to about this relay: a `mailto:` or `https:` URL (RFC 8292, §2.1). */
  readonly contact: string;
  readonly services: PushServices;
  /** How long a push service may take in all, ms. */
  readonly withinMs: number;
  /** A PEM certificate to be trusted besides the system's: a push service of the operator's own. */
  readonly ca?: string;
}

/**
 * Web Push: encryption to the subscription (RFC 8291) and the relay's signature (RFC 8292) by the `web-push` package, the
 * request (RFC 8030) by Node: the package's own sender reads an answer of any length and bounds only its silences.
 */
export class WebPush implements PushPort {
  readonly publicKey: string;
  readonly #options: WebPushOptions;
  readonly #agent: Agent;

  constructor(options: WebPushOptions) {
    this.publicKey = options.keys.publicKey;
    this.#options = options;
    const trusted = options.ca === undefined ? {} : { ca: [...rootCertificates, options.ca] };
    this.#agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS, ...trusted });
  }

  accepts({ endpoint, p256dh }: PushRegistration): boolean {
    return this.#options.services.find(endpoint) !== null && isPoint(p256dh);
  }

  async push(
    registration: PushRegistration,
    body: Uint8Array,
    ttlS: number,
    urgency: PushUrgency,
  ): Promise<PushAnswer> {
    // The operator may have taken a service off the list since the device registered.
    const url = this.#options.services.find(registration.endpoint);
    if (url === null || !isPoint(registration.p256dh) || body.length > MAX_PUSH_BYTES) {
      return { is: 'refused', status: 0, retryAfterMs: 0 };
    }
    try {
      const { status, headers } = await this.#post(url, registration, body, ttlS, urgency);
      return answerOf(status, retryAfterMs(headers, Date.now()));
    } catch (error) {
      return { is: 'unreachable', cause: causeOf(error), retryAfterMs: 0 };
    }
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  #post(
    url: URL,
    { p256dh, auth }: PushRegistration,
    body: Uint8Array,
    ttlS: number,
    urgency: PushUrgency,
  ): Promise<{ status: number; headers: IncomingHttpHeaders }> {
    const { contact, keys, withinMs } = this.#options;
    const payload = toBase64Url(body);
    const { cipherText } = webPush.encrypt(toBase64Url(p256dh), toBase64Url(auth), payload, 'aes128gcm');
    const headers = {
      ...webPush.getVapidHeaders(url.origin, contact, keys.publicKey, keys.privateKey, 'aes128gcm'),
      'content-encoding': 'aes128gcm',
      'content-type': 'application/octet-stream',
      'content-length': cipherText.length,
      ttl: ttlS,
      urgency,
    };
    return new Promise((resolve, reject) => {
      // Node follows no redirect: a push service cannot lead the relay to another address.
      const signal = AbortSignal.timeout(withinMs);
      const sent = request(url, { method: 'POST', agent: this.#agent, headers, signal }, (answer) => {
        let read = 0;
        answer.on('data', (chunk: Buffer) => {
          read += chunk.length;
          if (read > MAX_ANSWER_BYTES) answer.destroy();
        });
        answer.on('error', () => undefined);
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers });
      });
      sent.on('error', reject);
      sent.end(cipherText);
    });
  }
}

function answerOf(status: number, retryAfterMs: number): PushAnswer {
  if (status >= 200 && status < 300) return { is: 'handed' };
  if (status === 404 || status === 410) return { is: 'gone' };
  if (status === 429) return { is: 'refused', status, retryAfterMs: retryAfterMs || RATE_LIMITED_MS };
  if (status >= 500) return { is: 'unreachable', cause: String(status), retryAfterMs };
  return { is: 'refused', status, retryAfterMs };
}

/** `Retry-After` in seconds or as a date (RFC 9110, §10.2.3); 0 where there is none that can be read. */
function retryAfterMs(headers: IncomingHttpHeaders, now: number): number {
  const text = headers['retry-after'] ?? '';
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(0, ms), MAX_RETRY_AFTER_MS);
}

/** Whether 65 bytes are a point of P-256; nothing can be encrypted to others. */
function isPoint(p256dh: Uint8Array): boolean {
  try {
    ECDH.convertKey(p256dh, 'prime256v1', undefined, undefined, 'uncompressed');
    return p256dh.length === 65;
  } catch {
    return false;
  }
}

/** The system's or OpenSSL's code; never the message, which can hold the address. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'internal';
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'timed-out';
  return 'code' in error && typeof error.code === 'string' ? error.code : 'internal';
}
