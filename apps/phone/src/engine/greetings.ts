import type { Content } from '@palmkey/core/messages';
import { GREETING_ANSWERED_ONCE_IN_MS, PROTOCOLS } from '@palmkey/core/requests';
import { parseDeviceName } from '@palmkey/core/devices';
import type { HexId } from '../model/hex-id.ts';
import type { PhoneState } from './phone-state.ts';
import type { EnginePorts } from './ports.ts';
import type { RelayLinks } from './relay-links.ts';

/** How a greeting goes out. */
export interface GreetingWay {
  /** By another relay than the one where the computers are known to be. */
  readonly via?: string;
  /** It answers a computer's own. */
  readonly isAnswer?: boolean;
}

/** What the greetings work with. */
export interface GreetingsDeps {
  readonly ports: Pick<EnginePorts, 'clock' | 'software'>;
  readonly state: Pick<PhoneState, 'deviceName' | 'keys'>;
  readonly links: Pick<RelayLinks, 'assumeThere' | 'computers' | 'send'>;
  /** Does what nobody waits for. */
  readonly run: (work: () => Promise<void>) => void;
}

/**
 * This device's `here`: said on each connection, and in answer to a computer that has begun anew and knows nothing of this
 * device. An answer says that it is one, so that it is not answered (spec/requests.md, "Greetings").
 */
export class Greetings {
  readonly #deps: GreetingsDeps;
  /** When each computer was last answered, by the monotonic clock. */
  readonly #answeredAt = new Map<HexId, number>();
  /** Computers whose answer waits for its time. */
  readonly #due = new Set<HexId>();
  readonly #closed = new AbortController();

  constructor(deps: GreetingsDeps) {
    this.#deps = deps;
  }

  /** Says who this device is and which keys it has, to every computer that can be reached. */
  async greet(computers: readonly HexId[] = this.#deps.links.computers(), way: GreetingWay = {}): Promise<void> {
    const { ports, state, links } = this.#deps;
    const { via = null, isAnswer = false } = way;
    const keys = state.keys.map(({ blob, name }) => ({ blob, comment: name }));
    const here: Content = { kind: 'here', name: parseDeviceName(state.deviceName), software: ports.software, keys };
    const speaks: Content = { kind: 'speaks', ...PROTOCOLS, ...(isAnswer && { answer: true }) };
    for (const id of computers) {
      await links.send(id, speaks, {}, undefined, via);
      await links.send(id, here, {}, undefined, via);
      if (via === null) void links.assumeThere(id);
    }
  }

  /**
   * A computer has greeted. Resolves once it was answered, so that what it is told next it can take; at once where the
   * answer waits for its time.
   */
  async heard(id: HexId): Promise<void> {
    if (this.#due.has(id)) return;
    const sinceMs = this.#deps.ports.clock.monotonic() - (this.#answeredAt.get(id) ?? -Infinity);
    const leftMs = GREETING_ANSWERED_ONCE_IN_MS - sinceMs;
    if (leftMs > 0) this.#deps.run(() => this.#answerIn(id, leftMs));
    else await this.#answer(id);
  }

  /** It is no computer of this device any more. */
  forget(id: HexId): void {
    this.#answeredAt.delete(id);
  }

  close(): void {
    this.#closed.abort();
  }

  async #answerIn(id: HexId, ms: number): Promise<void> {
    this.#due.add(id);
    try {
      await this.#deps.ports.clock.after(ms, this.#closed.signal);
    } catch {
      return;
    } finally {
      this.#due.delete(id);
    }
    await this.#answer(id);
  }

  async #answer(id: HexId): Promise<void> {
    this.#answeredAt.set(id, this.#deps.ports.clock.monotonic());
    await this.greet([id], { isAnswer: true });
  }
}
