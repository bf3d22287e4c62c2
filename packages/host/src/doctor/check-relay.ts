/** Whether a relay answers over HTTP and over a WebSocket, and how far this computer's clock is from its own. */
import type { SocketPort } from '@palmkey/relay-client';
import { nodeSockets } from '@palmkey/relay-client/node';
import * as v from 'valibot';
import type { RelayFact } from '../control/protocol.ts';
import { type Finding, finding } from './finding.ts';

const withinMs = 4_000;
/** Clocks farther apart than this are worth a word; messages stop at 15 minutes (spec/envelope.md). */
const offMs = 60_000;
const wrongMs = 15 * 60_000;
/** The largest answer that a relay gives to this question. */
const health = v.looseObject({ ok: v.literal(true), version: v.string() });

export interface RelayCheck {
  /** Its origin. */
  readonly url: string;
  /** What the running daemon says of its own connection; null where none runs. */
  readonly line: RelayFact | null;
  readonly now: () => number;
  readonly sockets?: SocketPort;
}

export async function checkRelay({ url, line, now, sockets = nodeSockets }: RelayCheck): Promise<Finding[]> {
  const asked = now();
  const began = performance.now();
  let response: Response;
  let answer: unknown;
  try {
    response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(withinMs), redirect: 'error' });
    answer = await response.json().catch(() => null);
  } catch (error) {
    const cause = causeOf(error);
    return [finding('relay', isCertificate(cause) ? 'relay-certificate' : 'relay-unreachable', { url, cause })];
  }
  const tookMs = Math.round(performance.now() - began);
  const clock = clockOf(response.headers.get('date'), asked + tookMs / 2, url);
  const parsed = v.safeParse(health, answer);
  if (!response.ok || !parsed.success) return [finding('relay', 'relay-not-a-relay', { url, status: response.status })];
  if (!(await challenges(url, sockets))) return [finding('relay', 'relay-no-websocket', { url }), ...clock];
  if (line?.state === 'refused') return [finding('relay', 'relay-refuses', { url, problem: line.problem }), ...clock];
  if (line !== null && line.state !== 'connected')
    return [finding('relay', 'relay-not-connected', { url, problem: line.problem }), ...clock];
  const { version } = parsed.output;
  return [finding('relay', 'relay-fine', { url, version, tookMs, admitted: line === null ? null : 1 }), ...clock];
}

/** The header has whole seconds, cut off: half of one is what it is short of on average. */
function clockOf(date: string | null, at: number, url: string): Finding[] {
  const theirs = Date.parse(date ?? '');
  if (Number.isNaN(theirs)) return [];
  const skewMs = Math.round(at - (theirs + 500));
  const size = Math.abs(skewMs);
  return [
    finding('clock', size > wrongMs ? 'clock-wrong' : size > offMs ? 'clock-off' : 'clock-fine', { url, skewMs }),
  ];
}

/** Whether a WebSocket opens and the relay sends its challenge. Says nothing itself: the daemon's connection goes on. */
function challenges(url: string, sockets: SocketPort): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = sockets.connect(`${url.replace(/^http/, 'ws')}/v1/socket`, {
      onOpen: () => undefined,
      onMessage: () => end(true),
      onClose: () => end(false),
    });
    const timer = setTimeout(() => end(false), withinMs);
    const end = (challenged: boolean) => {
      clearTimeout(timer);
      resolve(challenged);
      socket.close();
    };
  });
}

/** The system's or OpenSSL's code for why there was no connection. */
function causeOf(error: unknown): string {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code;
    if (at.name === 'TimeoutError') return 'timed out';
    const [first] = at instanceof AggregateError ? (at.errors as unknown[]) : [];
    if (first instanceof Error && 'code' in first && typeof first.code === 'string') return first.code;
  }
  return 'no connection';
}

function isCertificate(code: string): boolean {
  return code.startsWith('ERR_TLS') || /CERT|SELF_SIGNED|ISSUER|UNABLE_TO_VERIFY/.test(code);
}
