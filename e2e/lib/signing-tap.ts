/**
 * Counts what a page signs with a user key. A device key signs under a context that begins with `palmkey/`
 * (spec/README.md); everything else that passes through WebCrypto's `sign` is a login.
 */
import type { BrowserContext } from 'playwright-core';

const mark = 'e2e: a login was signed';

/** How many signatures of logins the pages of this context made since it was opened. */
export async function tapSignatures(context: BrowserContext): Promise<() => number> {
  let count = 0;
  context.on('console', (message) => {
    if (message.text() === mark) count += 1;
  });
  await context.addInitScript((text) => {
    const { prototype } = SubtleCrypto;
    const sign = Object.getOwnPropertyDescriptor(prototype, 'sign')?.value as SubtleCrypto['sign'];
    prototype.sign = function (algorithm, key, data) {
      const bytes = ArrayBuffer.isView(data)
        ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
        : new Uint8Array(data);
      if (new TextDecoder().decode(bytes.subarray(0, 8)) !== 'palmkey/') console.debug(text);
      return sign.call(this, algorithm, key, data);
    };
  }, mark);
  return () => count;
}
