import { StoreError } from '../store/store.ts';
import type { Session } from './session.ts';
import { LockedError, NotReadyError } from './session-errors.ts';

/** The way of what a person asks for to the session, while there is one: who may do what is decided here. */
export class SessionDoor {
  /** Null before the store is open, and while another tab answers. */
  session: Session | null = null;
  readonly #onBroken: (error: StoreError) => void;

  /** `onBroken`: the store failed, so that the session has to end. */
  constructor(onBroken: (error: StoreError) => void) {
    this.#onBroken = onBroken;
  }

  /** The session, unless the app is locked. */
  get unlocked(): Session | null {
    return this.session?.lock.locked === false ? this.session : null;
  }

  /**
   * Something that a person asked for, by one who has unlocked the app. Rejects with a {@link LockedError}, and as
   * {@link SessionDoor.actLocked}.
   */
  act<R>(work: (session: Session) => Promise<R>): Promise<R> {
    return this.actLocked((session) => {
      if (session.lock.locked) throw new LockedError('locked');
      return work(session);
    });
  }

  /**
   * The same, whether or not the app is locked. Rejects with a {@link NotReadyError} where there is no session, and with why
   * it was not done; a fault of the store also ends the session.
   */
  async actLocked<R>(work: (session: Session) => Promise<R>): Promise<R> {
    if (this.session === null) throw new NotReadyError('no session');
    try {
      return await work(this.session);
    } catch (error) {
      if (error instanceof StoreError) this.#onBroken(error);
      throw error;
    }
  }
}
