import type { HeldLock, Locks } from '../ports.ts';

interface Claim {
  readonly grant: () => void;
}

/** The Web Locks of one browser: hand the same to several engines, and they are its tabs. */
export class FakeLocks implements Locks {
  readonly #holders = new Map<string, { lose: () => void }>();
  readonly #queues = new Map<string, Claim[]>();
  readonly #chains = new Map<string, Promise<unknown>>();

  acquire(name: string, { steal, signal }: { steal: boolean; signal?: AbortSignal }): Promise<HeldLock> {
    return new Promise((resolve, reject) => {
      const claim: Claim = { grant: () => resolve(this.#hold(name)) };
      const holder = this.#holders.get(name);
      if (holder === undefined || steal) {
        holder?.lose();
        claim.grant();
        return;
      }
      const queue = this.#queues.get(name) ?? [];
      this.#queues.set(name, [...queue, claim]);
      signal?.addEventListener('abort', () => {
        this.#queues.set(
          name,
          (this.#queues.get(name) ?? []).filter((other) => other !== claim),
        );
        reject(new Error('aborted'));
      });
    });
  }

  exclusively<R>(name: string, work: () => Promise<R>): Promise<R> {
    const run = (this.#chains.get(name) ?? Promise.resolve()).then(work);
    this.#chains.set(
      name,
      run.catch(() => undefined),
    );
    return run;
  }

  #hold(name: string): HeldLock {
    let lose: () => void = () => undefined;
    const lost = new Promise<void>((resolve) => {
      lose = resolve;
    });
    const holder = { lose };
    this.#holders.set(name, holder);
    const release = (): void => {
      if (this.#holders.get(name) !== holder) return;
      this.#holders.delete(name);
      lose();
      const [next, ...rest] = this.#queues.get(name) ?? [];
      this.#queues.set(name, rest);
      next?.grant();
    };
    return { lost, release };
  }
}
