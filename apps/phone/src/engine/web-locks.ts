import type { HeldLock, Locks } from './ports.ts';

/** Locks over the browser's Web Locks (https://w3c.github.io/web-locks/): shared by all tabs of an origin. */
export const webLocks: Locks = {
  acquire: (name, { steal, signal }) =>
    new Promise<HeldLock>((resolve, reject) => {
      // The API refuses a signal together with `steal`, which never waits.
      const options = steal || signal === undefined ? { steal } : { signal };
      const { promise: kept, resolve: release } = withResolver();
      const held = navigator.locks.request(name, options, () => {
        resolve({ lost, release });
        return kept;
      });
      // Rejects with an AbortError when another tab steals it, and when the wait is given up.
      const lost = held.then(
        () => undefined,
        (error: unknown) => reject(error instanceof Error ? error : new Error('lock', { cause: error })),
      );
    }),
  exclusively: async (name, work) => navigator.locks.request(name, work),
};

function withResolver(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
