import { CONNECTION_LOCK } from './connection-turn.ts';
import type { HeldLock, PhonePorts } from './ports.ts';

/** So long another tab may hold the lock before this one says so: a reload's former page lets go sooner. */
const ELSEWHERE_AFTER_MS = 400;

/** What the turn tells. */
export interface TabTurnHooks {
  /** Another tab has it, and keeps it. */
  readonly onElsewhere: () => void;
  /** Another tab, or the worker, has taken it from this one. */
  readonly onLost: () => void;
}

/** This tab's turn at the one connection that all tabs and the service worker share. */
export class TabTurn {
  readonly #ports: Pick<PhonePorts, 'clock' | 'locks' | 'neighbours' | 'page'>;
  readonly #hooks: TabTurnHooks;
  #lock: HeldLock | null = null;
  #waiting = new AbortController();

  constructor(ports: Pick<PhonePorts, 'clock' | 'locks' | 'neighbours' | 'page'>, hooks: TabTurnHooks) {
    this.#ports = ports;
    this.#hooks = hooks;
    ports.page.onVisible((visible) => {
      if (visible && this.#lock === null) ports.neighbours.say({ is: 'wanted' });
    });
  }

  /** The lock while it is this tab's turn, another object for each turn; null while it is not. */
  get held(): HeldLock | null {
    return this.#lock;
  }

  /** Waits for the turn, or takes it from whoever has it; false where the wait was ended. Ends a former wait. */
  async take({ steal }: { readonly steal: boolean }): Promise<boolean> {
    const { locks, neighbours, page } = this.#ports;
    this.stopWaiting();
    const waiting = new AbortController();
    this.#waiting = waiting;
    void this.#sayElsewhere(waiting.signal);
    let lock: HeldLock;
    try {
      const claimed = locks.acquire(CONNECTION_LOCK, { steal, signal: waiting.signal });
      if (page.visible()) neighbours.say({ is: 'wanted' });
      lock = await claimed;
    } catch (error) {
      if (waiting.signal.aborted) return false;
      throw error;
    }
    if (waiting.signal.aborted) {
      // Granted in the very moment in which nobody wanted it any more.
      lock.release();
      return false;
    }
    waiting.abort();
    this.#lock = lock;
    void lock.lost.then(() => {
      if (this.#lock !== lock) return;
      this.#lock = null;
      this.#hooks.onLost();
    });
    return true;
  }

  stopWaiting(): void {
    this.#waiting.abort();
  }

  /** Gives it up: the next one's turn comes. */
  letGo(): void {
    const lock = this.#lock;
    this.#lock = null;
    lock?.release();
  }

  async #sayElsewhere(signal: AbortSignal): Promise<void> {
    try {
      await this.#ports.clock.after(ELSEWHERE_AFTER_MS, signal);
    } catch {
      // This tab's turn came first.
      return;
    }
    this.#hooks.onElsewhere();
  }
}
