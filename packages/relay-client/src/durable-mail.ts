import { relayErrors, type DeviceId, type RelayError, type RelayErrorCode, type SealedBody } from '@palmkey/envelope';
import { backoffMs, retryAfter } from './backoff.ts';
import type { UndeliveredCode } from './errors.ts';
import type { Outbox, OutboxMessage } from './outbox.ts';
import type { Timers } from './ports.ts';

/** What durable mail works with. */
interface DurableMailPorts {
  readonly outbox: Outbox;
  readonly timers: Timers;
  readonly random: (length: number) => Uint8Array;
  /** Gives a message to the relay, while connected; false where that relay will not say what becomes of it. */
  readonly send: (message: OutboxMessage) => boolean;
  /** A message has left the outbox without being settled. */
  readonly onUndelivered: (message: OutboxMessage, code: UndeliveredCode) => void;
}

/** How many durable messages may be on their way to the relay unsettled. */
const WINDOW = 256;
/** Refused this often for other reasons than too many frames, a message waits no longer between its tries. */
const MAX_FAILURES = 16;

/** Looked at again after so long at the latest: a timer of more than 2^31 ms would go off at once. */
const MAX_WAIT_MS = 3_600_000;

interface Retry {
  readonly code: RelayErrorCode;
  readonly failures: number;
  readonly at: number;
}

/**
 * Sends what is in an outbox: in its order, again after each reconnect, and again after a refusal that may pass. A
 * message leaves the outbox when it is settled, when it is refused for good, or when its time is over.
 */
export class DurableMail {
  readonly #ports: DurableMailPorts;
  /** Stored, so that they may be sent. */
  readonly #ready: Set<number>;
  /** Given to the relay of this connection and not settled. */
  readonly #sent = new Set<number>();
  /** Ever given to a relay, as far as is known: what has no answer then may have arrived. */
  readonly #tried: Set<number>;
  /** Refused on this connection, and when each is tried again. */
  readonly #retries = new Map<number, Retry>();
  #connected = false;
  #closed = false;
  /** The relay has asked for patience until then. */
  #pausedUntil = 0;
  #cancelTimer: () => void = () => undefined;

  constructor(ports: DurableMailPorts) {
    this.#ports = ports;
    const numbers = ports.outbox.messages().map(({ number }) => number);
    this.#ready = new Set(numbers);
    this.#tried = new Set(numbers);
  }

  /**
   * Takes a message in and returns its number; it is sent once it is stored and there is a connection. Throws
   * `RelayClientError` `outbox-full` and `FrameError` `too-large`.
   */
  post(to: DeviceId | null, body: SealedBody, lifetimeMs: number): number {
    const { outbox, timers, random, onUndelivered } = this.#ports;
    this.#expire();
    const message = { number: newDurableNumber(random), to, body, expiresAt: timers.now() + lifetimeMs };
    const stored = outbox.put(message);
    this.#pump();
    stored.then(
      () => {
        if (!outbox.has(message.number)) return;
        this.#ready.add(message.number);
        this.#pump();
      },
      () => {
        onUndelivered(message, 'not-kept');
      },
    );
    return message.number;
  }

  /** A connection is made. */
  begin(): void {
    this.#connected = true;
    this.#retries.clear();
    this.#pausedUntil = 0;
    this.#pump();
  }

  /** The connection ended: all that is not settled is sent again on the next. */
  end(): void {
    this.#connected = false;
    this.#sent.clear();
    this.#pump();
  }

  /** Nothing is sent or told any more. */
  close(): void {
    this.#closed = true;
    this.#cancelTimer();
  }

  /** A message has been settled. */
  settled(number: number): void {
    this.#remove(number);
    this.#pump();
  }

  /**
   * The relay refused a message: `kept` when it is tried again, `dropped` when it is not, `other` when it is none of
   * these.
   */
  refused(number: number, { code, retryAfterMs }: RelayError): 'kept' | 'dropped' | 'other' {
    const { outbox, timers, random } = this.#ports;
    if (!outbox.has(number)) return 'other';
    this.#sent.delete(number);
    if (relayErrors[code].retry === 'no') {
      this.#remove(number);
      this.#pump();
      return 'dropped';
    }
    const failures = this.#retries.get(number)?.failures ?? 0;
    const waitMs = Math.max(backoffMs(failures, random), retryAfter(retryAfterMs));
    const at = timers.now() + waitMs;
    this.#retries.set(number, { code, failures: Math.min(failures + 1, MAX_FAILURES), at });
    if (code === 'rate-limited') this.#pausedUntil = Math.max(this.#pausedUntil, at);
    this.#pump();
    return 'kept';
  }

  #pump(): void {
    this.#cancelTimer();
    if (this.#closed) return;
    this.#expire();
    const now = this.#ports.timers.now();
    let nextAt = Number.POSITIVE_INFINITY;
    for (const message of this.#ports.outbox.messages()) {
      const { number, expiresAt } = message;
      nextAt = Math.min(nextAt, expiresAt);
      if (!this.#connected || this.#sent.size >= WINDOW) continue;
      if (!this.#ready.has(number) || this.#sent.has(number)) continue;
      const at = Math.max(this.#pausedUntil, this.#retries.get(number)?.at ?? 0);
      if (at > now) nextAt = Math.min(nextAt, at);
      else this.#send(message);
    }
    if (nextAt === Number.POSITIVE_INFINITY) return;
    this.#cancelTimer = this.#ports.timers.after(Math.min(nextAt - now, MAX_WAIT_MS), () => {
      this.#pump();
    });
  }

  #send(message: OutboxMessage): void {
    this.#sent.add(message.number);
    this.#tried.add(message.number);
    if (!this.#ports.send(message)) this.#remove(message.number);
  }

  /** What is past its time is of no use; what the relay said of it last is why it has not gone. */
  #expire(): void {
    const { outbox, timers, onUndelivered } = this.#ports;
    for (const message of outbox.messages()) {
      if (message.expiresAt > timers.now()) continue;
      const { number } = message;
      const isOpen = this.#tried.has(number) && !this.#waits(number);
      const code = isOpen ? 'unknown-outcome' : (this.#retries.get(number)?.code ?? 'expired');
      this.#remove(number);
      onUndelivered(message, code);
    }
  }

  /** Whether the relay's last word on a message was a no. */
  #waits(number: number): boolean {
    return this.#retries.has(number) && !this.#sent.has(number);
  }

  #remove(number: number): void {
    this.#ready.delete(number);
    this.#sent.delete(number);
    this.#tried.delete(number);
    this.#retries.delete(number);
    this.#ports.outbox.remove(number);
  }
}

/** 2^52 and 52 random bits: apart from the numbers that count, and from all that this device used before. */
export function newDurableNumber(random: (length: number) => Uint8Array): number {
  return random(7).reduce((number, byte, i) => number * 256 + (i === 0 ? 16 + (byte % 16) : byte), 0);
}
