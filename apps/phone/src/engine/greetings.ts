import type { Content } from '@palmkey/core/messages';
import { PROTOCOLS } from '@palmkey/core/requests';
import { parseDeviceName } from '@palmkey/core/devices';
import type { HexId } from '../model/hex-id.ts';
import type { PhoneState } from './phone-state.ts';
import type { EnginePorts } from './ports.ts';
import type { RelayLinks } from './relay-links.ts';

/** So long may a computer's answer to a greeting take; what comes later, or again, is a greeting of its own. */
const ANSWERED_WITHIN_MS = 10_000;
/** A computer that greets again and again is answered once in this time. */
const ONCE_IN_MS = 2_000;

/** The last greeting of a computer. */
interface Greeted {
  /** By the monotonic clock. */
  readonly at: number;
  /** Its answer may still be on the way. */
  readonly isOpen: boolean;
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
 * This device's `here`: said on each connection, and to a computer that says its own on one that stands, since that one
 * has begun anew and knows nothing of this device. Two that answer each other come to an end, and no computer has this
 * device greet without end (spec/requests.md, "Greetings").
 */
export class Greetings {
  readonly #deps: GreetingsDeps;
  readonly #last = new Map<HexId, Greeted>();
  /** Computers whose answer waits for its time. */
  readonly #due = new Set<HexId>();
  readonly #closed = new AbortController();

  constructor(deps: GreetingsDeps) {
    this.#deps = deps;
  }

  /**
   * Says who this device is and which keys it has, to every computer that can be reached. `via` is another relay than the
   * one where they are known to be.
   */
  async greet(computers: readonly HexId[] = this.#deps.links.computers(), via: string | null = null): Promise<void> {
    const { ports, state, links } = this.#deps;
    const keys = state.keys.map(({ blob, name }) => ({ blob, comment: name }));
    const here: Content = { kind: 'here', name: parseDeviceName(state.deviceName), software: ports.software, keys };
    for (const id of computers) {
      this.#last.set(id, { at: ports.clock.monotonic(), isOpen: true });
      await links.send(id, { kind: 'speaks', ...PROTOCOLS }, {}, undefined, via);
      await links.send(id, here, {}, undefined, via);
      if (via === null) void links.assumeThere(id);
    }
  }

  /** A computer has greeted: it is answered, unless that was the answer to this device's own. */
  heard(id: HexId): void {
    const last = this.#last.get(id);
    if (last?.isOpen === true && this.#since(last) < ANSWERED_WITHIN_MS) this.#last.set(id, { ...last, isOpen: false });
    else this.#deps.run(() => this.#answer(id));
  }

  /** The relay says that a computer is not connected: there is no answer to wait for. */
  missed(id: HexId): void {
    const last = this.#last.get(id);
    if (last !== undefined) this.#last.set(id, { ...last, isOpen: false });
  }

  /** It is no computer of this device any more. */
  forget(id: HexId): void {
    this.#last.delete(id);
  }

  close(): void {
    this.#closed.abort();
  }

  async #answer(id: HexId): Promise<void> {
    if (this.#due.has(id)) return;
    const last = this.#last.get(id);
    const leftMs = last === undefined ? 0 : ONCE_IN_MS - this.#since(last);
    if (leftMs > 0) {
      this.#due.add(id);
      try {
        await this.#deps.ports.clock.after(leftMs, this.#closed.signal);
      } catch {
        return;
      } finally {
        this.#due.delete(id);
      }
    }
    await this.greet([id]);
  }

  #since({ at }: Greeted): number {
    return this.#deps.ports.clock.monotonic() - at;
  }
}
