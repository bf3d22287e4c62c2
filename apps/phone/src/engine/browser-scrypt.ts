import type { Scrypt } from '@palmkey/core/scrypt';
import type { ScryptAnswer, ScryptTask } from '../scrypt/scrypt-task.ts';

/**
 * scrypt in a worker of its own, made for each call and ended after it, so that its memory (128 MiB at 2^17) is free again
 * and the page never waits. Only that worker may compile WebAssembly: its file comes with a content security policy of its
 * own. Rejects with a TypeError where the worker cannot be loaded, or fails.
 */
export const workerScrypt: Scrypt = (password, salt, cost, outBytes) => {
  const worker = new Worker(new URL('../scrypt/scrypt-worker.ts', import.meta.url), { type: 'module' });
  const answered = new Promise<Uint8Array>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<ScryptAnswer>) => resolve(data);
    worker.onerror = () => reject(new TypeError('the scrypt worker failed'));
  });
  const task: ScryptTask = { password, salt, cost, outBytes };
  worker.postMessage(task);
  return answered.finally(() => worker.terminate());
};
