import { PalmkeyError } from '@palmkey/envelope';
import type { Turn, TurnPorts } from '../engine/connection-turn.ts';
import { takeTurn } from '../engine/connection-turn.ts';
import type { Word } from '../engine/neighbours.ts';
import { PhoneState } from '../engine/phone-state.ts';
import type { Clock, EnginePorts, HeldLock } from '../engine/ports.ts';
import { Session } from '../engine/session.ts';
import { VaultStore } from '../store/vault-store.ts';

/** What a watch runs on. */
export interface WatchPorts extends EnginePorts, TurnPorts {}

/**
 * The worker while it is the one that answers: the same session as a page's, over the same store and under the same
 * lock. It ends when a page wants the connection, when the lock is taken, or when the store fails.
 */
export class Watch {
  readonly state = new PhoneState();
  readonly #over = new AbortController();
  readonly #listeners = new Set<() => void>();
  readonly #lock: HeldLock;
  readonly #clock: Clock;
  #session: Session | null = null;
  #isShut = false;

  private constructor(lock: HeldLock, clock: Clock) {
    this.#lock = lock;
    this.#clock = clock;
  }

  /** Takes the turn and opens the session; another turn than the worker's is returned as it is. */
  static async begin(
    ports: WatchPorts,
    word: Word,
    settles: (said: Word) => boolean,
  ): Promise<Watch | Exclude<Turn, { is: 'ours' }>> {
    const turn = await takeTurn(ports, word, settles);
    if (turn.is !== 'ours') return turn;
    const watch = new Watch(turn.lock, ports.clock);
    await watch.#open(ports);
    return watch;
  }

  /** Null before the first run is done, behind a passphrase, and once the watch is over. */
  get session(): Session | null {
    return this.#session;
  }

  /** Whether everything is locked by a passphrase, which nobody can be asked for here. */
  get isShut(): boolean {
    return this.#isShut;
  }

  /** Whether the relay of any computer is reached. */
  get isConnected(): boolean {
    const { state } = this;
    return [...state.pairings.keys()].some((id) => ['here', 'relay-only'].includes(state.reach(id).reach));
  }

  get isOver(): boolean {
    return this.#over.signal.aborted;
  }

  /** Aborts when the watch is over. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Lets go of the store, the relays and the lock. */
  close(): void {
    if (this.isOver) return;
    this.#over.abort();
    this.#session?.close();
    this.#session = null;
    this.#lock.release();
    for (const listener of [...this.#listeners]) listener();
  }

  /** Waits until something is so; false when the time or the watch ends first. */
  async until(condition: () => boolean, withinMs: number): Promise<boolean> {
    const time = new AbortController();
    let late = false;
    let look: () => void = () => undefined;
    const seen = new Promise<void>((resolve) => {
      look = (): void => {
        if (late || this.isOver || condition()) resolve();
      };
    });
    const unsubscribe = this.state.subscribe(look);
    this.#listeners.add(look);
    void this.#clock.after(withinMs, time.signal).then(
      () => {
        late = true;
        look();
      },
      () => undefined,
    );
    look();
    await seen;
    time.abort();
    unsubscribe();
    this.#listeners.delete(look);
    return !this.isOver && condition();
  }

  async #open(ports: WatchPorts): Promise<void> {
    const end = ports.neighbours.onWord((word) => {
      if (word.is === 'wanted') this.close();
    });
    this.over.addEventListener('abort', end, { once: true });
    void this.#lock.lost.then(() => this.close());
    try {
      const store = await ports.openStore(() => this.close());
      this.#isShut = (await new VaultStore(store).passphrase()) !== null;
      if (this.#isShut) {
        store.close();
        return;
      }
      const session = await Session.open({
        ports,
        state: this.state,
        store,
        registers: false,
        joining: null,
        passphrase: null,
        onJoined: () => undefined,
        alive: () => !this.isOver,
        onFault: (error) => this.#fault(error),
      });
      if (this.isOver) session.close();
      else this.#session = session;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** What nobody waited for failed: the next one to open the store finds everything as it stands there. */
  #fault(error: unknown): void {
    this.close();
    if (!(error instanceof PalmkeyError)) throw error;
  }
}
