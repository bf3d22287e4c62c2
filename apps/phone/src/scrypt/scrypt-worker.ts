/** A file of its own, the only one that may compile WebAssembly: it stretches words and does nothing else. */
import { wasmScrypt } from '@palmkey/core/scrypt';
import type { ScryptAnswer, ScryptTask } from './scrypt-task.ts';

addEventListener('message', ({ data }: MessageEvent<ScryptTask>) => {
  const { password, salt, cost, outBytes } = data;
  void Promise.resolve(wasmScrypt(password, salt, cost, outBytes)).then(
    (answer: ScryptAnswer) => postMessage(answer),
    // Uncaught in a worker, it is the page's `error` event.
    (error: unknown) =>
      setTimeout(() => {
        throw error;
      }),
  );
});
