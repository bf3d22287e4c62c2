import { FollowError } from './errors.ts';

/**
 * One run of a piece of work for all who ask for it while it runs. It is told to stop when the last of them has gone.
 */
export class SharedFlight<T> {
  readonly #work: (signal: AbortSignal) => Promise<T>;
  #flight: { readonly landed: Promise<T>; readonly stop: AbortController; passengers: number } | null = null;

  constructor(work: (signal: AbortSignal) => Promise<T>) {
    this.#work = work;
  }

  /** Joins the run, or begins one. Rejects with {@link FollowError} `cancelled` as soon as the signal is aborted. */
  async join(signal: AbortSignal): Promise<T> {
    if (signal.aborted) throw new FollowError('cancelled');
    const flight = (this.#flight ??= this.#begin());
    flight.passengers += 1;
    let leave = (): void => undefined;
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(new FollowError('cancelled'));
      signal.addEventListener('abort', leave, { once: true });
    });
    try {
      return await Promise.race([flight.landed, left]);
    } finally {
      signal.removeEventListener('abort', leave);
      flight.passengers -= 1;
      if (flight.passengers === 0) this.#end(flight);
    }
  }

  #begin() {
    const stop = new AbortController();
    const flight = { landed: this.#work(stop.signal), stop, passengers: 0 };
    const over = (): void => this.#end(flight);
    flight.landed.then(over, over);
    return flight;
  }

  /** Whoever comes next begins anew. */
  #end(flight: { readonly stop: AbortController }): void {
    flight.stop.abort();
    if (this.#flight === flight) this.#flight = null;
  }
}
