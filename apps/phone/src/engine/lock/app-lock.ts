import { equal } from '@palmkey/envelope';
import type { LockView } from '../../model/model.ts';
import type { LockRow } from '../../store/schema.ts';
import type { Store } from '../../store/store.ts';
import { Deadline } from '../deadline.ts';
import type { EnginePorts } from '../ports.ts';
import type { Turns } from '../turns.ts';
import { verifyBiometric } from './biometric.ts';
import { AppLockError, hashCode, isCode, waitAfter } from './lock-code.ts';

const CHALLENGE_BYTES = 32;
const MIN_AFTER_MINUTES = 1;
const MAX_AFTER_MINUTES = 24 * 60;

/** What the lock works with. */
export interface AppLockDeps {
  readonly ports: EnginePorts;
  readonly store: Store;
  readonly turns: Turns;
  readonly onChange: () => void;
}

/** What a page remembers of its open lock while it is out of sight and without a session. */
export interface StaysOpen {
  /** Of the lock's row: another code is another lock. */
  readonly salt: Uint8Array;
  readonly until: Deadline;
}

/** The app lock (spec/permissions.md): keeps others who hold the open phone out. Locked whenever the app is opened. */
export class AppLock {
  readonly #deps: AppLockDeps;
  #row: LockRow | null = null;
  #locked = false;
  /** The wait after wrong tries; null when the next is taken now. */
  #retry: Deadline | null = null;
  #hidden: Deadline | null = null;
  #alarm = new AbortController();
  #lastTry: Promise<unknown> = Promise.resolve();

  constructor(deps: AppLockDeps) {
    this.#deps = deps;
  }

  load(row: LockRow | null): void {
    this.#row = row;
    this.#locked = row !== null;
    this.#wait();
  }

  /** Until when it stays open out of sight, for the session of this page that comes after this one; null when it is not. */
  stays(): StaysOpen | null {
    if (this.#row === null || this.#locked || this.#hidden === null) return null;
    return { salt: this.#row.salt, until: this.#hidden };
  }

  /** Goes on where an earlier session of this page was: open, unless it took too long or the lock is another by now. */
  goOn({ salt, until }: StaysOpen): void {
    if (this.#row === null || !equal(this.#row.salt, salt) || until.isOver()) return;
    this.#locked = false;
    this.#lockAt(until);
  }

  get locked(): boolean {
    return this.#locked;
  }

  view(): LockView {
    const row = this.#row;
    if (row === null) return { is: 'off' };
    const retryAt = this.#retry?.isOver() === false ? this.#deps.ports.clock.now() + this.#retry.remainingMs() : null;
    const { afterMinutes } = row;
    return { is: 'on', locked: this.#locked, afterMinutes, biometric: row.biometric !== null, retryAt };
  }

  /** Switches it on, or changes it. Throws {@link AppLockError}. */
  async set(options: { readonly code: string; readonly afterMinutes: number; readonly biometric: boolean }) {
    const { ports } = this.#deps;
    const hashed = await hashCode(options.code);
    const biometric = options.biometric
      ? await ports.biometric.create().catch((error: unknown) => {
          throw new AppLockError('no-biometric', error);
        })
      : null;
    const afterMinutes = Math.min(Math.max(options.afterMinutes, MIN_AFTER_MINUTES), MAX_AFTER_MINUTES);
    await this.#keep({ ...hashed, afterMinutes, biometric, failures: 0, retryAt: 0 });
    this.#deps.onChange();
  }

  /** Switches it off; false when the code is wrong or it is too soon. */
  async remove(code: string): Promise<boolean> {
    if (this.#row === null) return true;
    if (!(await this.#try(code))) return false;
    await this.#keep(null);
    this.#locked = false;
    this.#deps.onChange();
    return true;
  }

  /** Opens the app by the code, or by the platform's check (null). False when wrong or too soon. */
  async unlock(code: string | null): Promise<boolean> {
    if (this.#row === null || !this.#locked) return true;
    const right = code === null ? await this.#askPlatform(this.#row) : await this.#try(code);
    if (right) this.#locked = false;
    this.#deps.onChange();
    return right;
  }

  /** The person has just given the passphrase, which is more than the code. */
  openedByPassphrase(): void {
    this.#locked = false;
    this.#deps.onChange();
  }

  lock(): void {
    if (this.#row === null || this.#locked) return;
    this.#locked = true;
    this.#deps.onChange();
  }

  /** The page went out of sight, or came back: by whichever clock ran further, it was long enough to lock or was not. */
  setVisible(visible: boolean): void {
    const { clock } = this.#deps.ports;
    this.#alarm.abort();
    if (visible) {
      if (this.#hidden?.isOver()) this.lock();
      this.#hidden = null;
      return;
    }
    if (this.#row !== null) this.#lockAt(Deadline.start(clock, this.#row.afterMinutes * 60_000));
  }

  close(): void {
    this.#alarm.abort();
  }

  #lockAt(deadline: Deadline): void {
    this.#hidden = deadline;
    this.#alarm = new AbortController();
    void this.#deps.ports.clock.after(deadline.remainingMs(), this.#alarm.signal).then(
      () => this.lock(),
      () => undefined,
    );
  }

  /** One try after the other: several at once would count as one. */
  #try(code: string): Promise<boolean> {
    const tried = this.#lastTry.then(() => this.#tryOnce(code));
    this.#lastTry = tried.catch(() => undefined);
    return tried;
  }

  /** A try is counted before it is looked at: ending the app in the middle gains none. */
  async #tryOnce(code: string): Promise<boolean> {
    const { clock } = this.#deps.ports;
    const row = this.#row;
    if (row === null || this.#retry?.isOver() === false) return false;
    const failures = row.failures + 1;
    const waitMs = waitAfter(failures);
    const counted = { ...row, failures, retryAt: waitMs === 0 ? 0 : clock.now() + waitMs };
    await this.#keep(counted);
    if (!(await isCode(code, row))) return false;
    await this.#keep({ ...row, failures: 0, retryAt: 0 });
    return true;
  }

  async #askPlatform({ biometric }: LockRow): Promise<boolean> {
    if (biometric === null) return false;
    const { ports } = this.#deps;
    const challenge = ports.primitives.randomBytes(CHALLENGE_BYTES);
    const answer = await ports.biometric.ask(biometric.credentialId, challenge).catch(() => null);
    return answer !== null && verifyBiometric(biometric, challenge, ports.page.origin, answer);
  }

  async #keep(row: LockRow | null): Promise<void> {
    const { store, turns } = this.#deps;
    await turns.exclusively(() =>
      store.transact('write', ['settings'], async (transaction) => {
        const kept = await transaction.get('settings', 'settings');
        const secondWayAcknowledged = kept?.secondWayAcknowledged ?? false;
        await transaction.put('settings', { id: 'settings', secondWayAcknowledged, lock: row });
      }),
    );
    this.#row = row;
    this.#wait();
  }

  /** After a reload only the wall clock tells how long was waited: set back, it begins the wait anew. */
  #wait(): void {
    const { clock } = this.#deps.ports;
    const row = this.#row;
    const leftMs = row === null ? 0 : Math.min(row.retryAt - clock.now(), waitAfter(row.failures));
    this.#retry = leftMs > 0 ? Deadline.start(clock, leftMs) : null;
  }
}
