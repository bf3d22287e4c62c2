import {
  FrameError,
  MAX_PUSH_BYTES,
  RelayError,
  toHex,
  type DeviceId,
  type PushOutcome,
  type PushRegistration,
} from '@palmkey/envelope';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { limits } from '../limits.ts';
import { NamedRates, type Rate } from '../named-rates.ts';
import type { Member, PushOrders } from '../socket/order-ports.ts';
import type { PushStore } from '../store/push-store.ts';
import type { PushAnswer, PushPort } from './push-port.ts';

/** What the desk works with. */
export interface PushDeskPorts {
  readonly clock: Clock;
  readonly store: PushStore;
  readonly service: PushPort;
  /** Whether a device is connected, at whichever node, and takes what comes. Never rejects. */
  readonly reads: (device: DeviceId) => Promise<boolean>;
  readonly logger: Logger;
}

/** How often one device may push, and one be pushed to. */
const pushRates: readonly Rate[] = [
  { count: limits.pushesPerMinute, withinMs: 60_000 },
  { count: limits.pushesPerHour, withinMs: 3_600_000 },
];

/** Takes registrations for push, and wakes devices that are away (spec/relay.md, "Push"). */
export class PushDesk implements PushOrders {
  readonly #ports: PushDeskPorts;
  readonly #senders: NamedRates;
  readonly #recipients: NamedRates;
  /** Until when a push service wants to hear nothing for an endpoint, by the steady clock, ms. */
  readonly #quietUntil = new Map<string, number>();
  #underWay = 0;

  constructor(ports: PushDeskPorts) {
    this.#ports = ports;
    this.#senders = new NamedRates(ports.clock, pushRates);
    this.#recipients = new NamedRates(ports.clock, pushRates);
  }

  /**
   * Reaches a device there from now on, or nowhere. Throws `RelayError` `push-refused` for a service that this relay does
   * not speak to; rejects as the store does.
   */
  async register({ device }: Member, registration: PushRegistration | null): Promise<void> {
    const { store, service, clock, logger } = this.#ports;
    if (registration === null) {
      await store.remove(device);
    } else {
      if (!service.accepts(registration)) throw new RelayError('push-refused');
      await store.put(device, registration, clock.now());
    }
    logger.info({ device: shortName(device), on: registration !== null }, 'push registration');
  }

  /**
   * Wakes a device with a body that its sender has sealed; `lifetimeS` is how long it is worth being delivered. Throws
   * `FrameError` for a body that no push carries and `RelayError` `rate-limited`; rejects as the store does.
   */
  async push({ device: from }: Member, to: DeviceId, body: Uint8Array, lifetimeS: number): Promise<PushOutcome> {
    if (body.length === 0 || body.length > MAX_PUSH_BYTES) throw new FrameError('bad-frame', 'no body for a push');
    const { store, clock, logger } = this.#ports;
    take(this.#senders, from);
    if (await this.#ports.reads(to)) return 'connected';
    const registration = await store.find(to);
    if (registration === null) return 'no-registration';
    // Only now: a sender could name any number of recipients that do not exist.
    take(this.#recipients, to);
    if (this.#isQuiet(registration.endpoint, clock.steady())) return 'refused';
    if (this.#underWay >= limits.pushesUnderWay) throw new RelayError('rate-limited', limits.pushWithinMs);
    this.#underWay++;
    let answer: PushAnswer;
    try {
      const ttlS = Math.min(lifetimeS, limits.maxPushLifetimeS);
      answer = await this.#ports.service.push(registration, body, ttlS, 'high');
    } finally {
      this.#underWay--;
    }
    logger.info({ from: shortName(from), to: shortName(to), ...logged(answer) }, 'push');
    return this.#settle(to, registration, answer);
  }

  async #settle(to: DeviceId, { endpoint }: PushRegistration, answer: PushAnswer): Promise<PushOutcome> {
    switch (answer.is) {
      case 'handed':
        return 'handed';
      case 'gone':
        await this.#ports.store.removeDead(to, endpoint);
        return 'no-registration';
      case 'refused':
      case 'unreachable':
        if (answer.retryAfterMs > 0) this.#keepQuiet(endpoint, this.#ports.clock.steady() + answer.retryAfterMs);
        return answer.is;
    }
  }

  #isQuiet(endpoint: string, now: number): boolean {
    const until = this.#quietUntil.get(endpoint);
    if (until === undefined) return false;
    if (until > now) return true;
    this.#quietUntil.delete(endpoint);
    return false;
  }

  /** The oldest gives way: nothing is lost but that its service is asked once more. */
  #keepQuiet(endpoint: string, until: number): void {
    this.#quietUntil.delete(endpoint);
    this.#quietUntil.set(endpoint, until);
    const [oldest] = this.#quietUntil.keys();
    if (this.#quietUntil.size > limits.quietPushEndpoints && oldest !== undefined) this.#quietUntil.delete(oldest);
  }
}

function take(rates: NamedRates, device: DeviceId): void {
  const waitMs = rates.take(toHex(device));
  if (waitMs > 0) throw new RelayError('rate-limited', waitMs);
}

/** What of an answer a log may hold: nothing by which a registration could be found. */
function logged(answer: PushAnswer): { answer: PushAnswer['is']; status?: number; cause?: string } {
  switch (answer.is) {
    case 'refused':
      return { answer: answer.is, status: answer.status };
    case 'unreachable':
      return { answer: answer.is, cause: answer.cause };
    default:
      return { answer: answer.is };
  }
}

function shortName(device: DeviceId): string {
  return toHex(device.subarray(0, 4));
}
