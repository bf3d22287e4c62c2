import type { PushRegistration } from '@palmkey/envelope';
import { PalmkeyError } from '@palmkey/envelope';
import type { NoticesView } from '../model/model.ts';
import type { NoticesRow } from '../store/schema.ts';
import { StoreError } from '../store/store.ts';
import type { PhoneState } from './phone-state.ts';
import type { EnginePorts } from './ports.ts';
import type { PushStanding } from './push-subscriptions.ts';

/**
 * This phone cannot be woken: the browser cannot or may not (see {@link PushStanding}), no relay of its computers pushes
 * (`no-key`), none could be asked (`unreachable`), or the browser's push service did not take it (`failed`).
 */
export class WakingError extends PalmkeyError {
  override readonly name = 'WakingError';
  readonly code: Exclude<PushStanding, 'allowed' | 'unasked'> | 'no-key' | 'unreachable' | 'failed';

  constructor(code: WakingError['code'], cause?: unknown) {
    super(code, { cause });
    this.code = code;
  }
}

/** What it works with. */
export interface WakingDeps {
  readonly ports: EnginePorts;
  readonly state: PhoneState;
  readonly keep: (change: Partial<Omit<NoticesRow, 'id'>>) => Promise<void>;
  /** Tells a relay how this phone is reached, if it is connected to it. Throws a PalmkeyError when the relay refuses. */
  readonly register: (relay: string, registration: PushRegistration | null) => Promise<void>;
}

/**
 * Whether this phone is woken by push while it is away. A browser has one subscription, and it is for one relay's key:
 * that of the first computer whose relay pushes.
 */
export class Waking {
  readonly #deps: WakingDeps;

  constructor(deps: WakingDeps) {
    this.#deps = deps;
  }

  /** Only while the person taps: asks for notifications, subscribes, and tells the relay. Throws {@link WakingError}. */
  async switchOn(): Promise<void> {
    const { ports, state, keep } = this.#deps;
    const standing = await ports.push.ask();
    state.pushStanding = standing;
    state.publish();
    if (standing !== 'allowed') throw new WakingError(standing === 'unasked' ? 'denied' : standing);
    const { relay, key } = await this.#choose();
    const registration = await this.#subscribe(key);
    await keep({ on: true, relay });
    await this.#tell(relay, registration);
  }

  /** From now on nothing wakes it. */
  async switchOff(): Promise<void> {
    const { ports, state, keep } = this.#deps;
    const { relay } = state.notices;
    await keep({ on: false, relay: null });
    await ports.push.end();
    if (relay !== null) await this.#tell(relay, null);
  }

  /**
   * Connected to a relay: it is told again how this phone is reached, in case either of them has forgotten. What the
   * browser took away is asked for again, where the person's permission still stands. While notifications are off, it is
   * noted whether the relay wakes devices.
   */
  async onConnected(relay: string): Promise<void> {
    const { ports, state, keep } = this.#deps;
    state.pushStanding = await ports.push.standing();
    if (!state.notices.on && (await ports.askRelay(relay))?.pushKey != null) state.pushRelays.add(relay);
    state.publish();
    if (!state.notices.on || state.pushStanding !== 'allowed') return;
    const inUse = [...state.pairings.values()].some((row) => row.relay === state.notices.relay);
    if (inUse && state.notices.relay !== relay) return;
    try {
      const chosen = inUse ? { relay, key: (await ports.askRelay(relay))?.pushKey ?? null } : await this.#choose();
      if (chosen.relay !== state.notices.relay) await keep({ relay: chosen.relay });
      const { key } = chosen;
      const registration = key === null ? await ports.push.current() : await this.#subscribe(key);
      if (registration === null) throw new WakingError('no-key');
      await this.#tell(chosen.relay, registration);
    } catch (error) {
      if (error instanceof StoreError) throw error;
      state.wakes = wakesAfter(error);
      state.publish();
    }
  }

  async #subscribe(key: Uint8Array): Promise<PushRegistration> {
    return this.#deps.ports.push.subscribe(key).catch((error: unknown) => {
      throw new WakingError('failed', error);
    });
  }

  async #choose(): Promise<{ readonly relay: string; readonly key: Uint8Array }> {
    const { ports, state } = this.#deps;
    const rows = [...state.pairings.values()].toSorted((a, b) => a.pairedAt - b.pairedAt);
    const relays = [...new Set(rows.map(({ relay }) => relay))];
    const answers = await Promise.all(relays.map(async (relay) => ({ relay, facts: await ports.askRelay(relay) })));
    for (const { relay, facts } of answers) if (facts?.pushKey != null) return { relay, key: facts.pushKey };
    throw new WakingError(
      answers.some(({ facts }) => facts !== null) || relays.length === 0 ? 'no-key' : 'unreachable',
    );
  }

  async #tell(relay: string, registration: PushRegistration | null): Promise<void> {
    const { state, register } = this.#deps;
    try {
      await register(relay, registration);
      state.wakes = 'fine';
    } catch (error) {
      if (!(error instanceof PalmkeyError)) throw error;
      state.wakes = error.code === 'push-refused' ? 'refused' : 'failed';
    }
    state.publish();
  }
}

function wakesAfter(error: unknown): NoticesView['wakes'] {
  if (!(error instanceof WakingError)) return 'failed';
  return error.code === 'no-key' ? 'no-key' : error.code === 'failed' ? 'lost' : 'failed';
}
