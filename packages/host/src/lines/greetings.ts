/** This computer's `here`: what it says on each connection, and in answer to a phone that has begun anew. */
import { type DeviceName, toPlainText } from '@palmkey/core/devices';
import type { Content } from '@palmkey/core/messages';
import { GREETING_ANSWERED_ONCE_IN_MS, PROTOCOLS } from '@palmkey/core/requests';
import { type DeviceId, toHex } from '@palmkey/envelope';
import type { Clock } from '../clock.ts';
import type { Pairing } from '../state/pairing-store.ts';

/** The longest `software` of a `here` (spec/requests.md). */
const maxSoftware = 64;

/** What a phone is told of this computer. */
export interface OwnName {
  readonly name: DeviceName;
  readonly software: string;
}

export interface GreetingsOptions extends OwnName {
  readonly clock: Pick<Clock, 'monotonic'>;
  /** The message's number, undefined where there is no connection for it. Never rejects. */
  readonly send: (pairing: Pairing, content: Content) => Promise<number | undefined>;
}

export class Greetings {
  readonly #options: GreetingsOptions;
  /** When a phone of another time was answered, by its id; by the monotonic clock. */
  readonly #toldTimeAt = new Map<string, number>();

  constructor(options: GreetingsOptions) {
    this.#options = options;
  }

  /** Says `here`; whether it went out. Never rejects. */
  greet(pairing: Pairing): Promise<boolean> {
    return this.#say(pairing, false);
  }

  /** The same in answer to a greeting, so that it is not answered (spec/requests.md, "Greetings"). Never rejects. */
  async answer(pairing: Pairing): Promise<void> {
    await this.#say(pairing, true);
  }

  /**
   * Answers a phone whose greeting is of another time, however often its relay gives it: by this computer's own
   * greeting the phone sees how far the two clocks are apart, and says so (spec/requests.md, "Clocks").
   */
  tellTime(pairing: Pairing): void {
    const key = toHex(pairing.peer.id);
    const now = this.#options.clock.monotonic();
    if (now - (this.#toldTimeAt.get(key) ?? Number.NEGATIVE_INFINITY) < GREETING_ANSWERED_ONCE_IN_MS) return;
    this.#toldTimeAt.set(key, now);
    void this.answer(pairing);
  }

  /** Forgets everybody else. */
  keepOnly(ids: readonly DeviceId[]): void {
    const kept = new Set(ids.map(toHex));
    for (const key of this.#toldTimeAt.keys()) if (!kept.has(key)) this.#toldTimeAt.delete(key);
  }

  async #say(pairing: Pairing, isAnswer: boolean): Promise<boolean> {
    const { name, software, send } = this.#options;
    await send(pairing, { kind: 'speaks', ...PROTOCOLS, ...(isAnswer && { answer: true }) });
    const here: Content = { kind: 'here', name, software: toPlainText(software, maxSoftware), keys: null };
    return (await send(pairing, here)) !== undefined;
  }
}
