import { wasmScrypt } from '@palmkey/core/scrypt';
import { ascii } from '@palmkey/envelope';
import { expect, it } from 'vitest';
import { nodeScrypt } from './node-scrypt.ts';

it.each([2, 2 ** 10, 2 ** 15, 2 ** 17])('nodeScrypt gives what WebAssembly gives, with a cost of %i', async (cost) => {
  const asked = [ascii('abandon ability'), ascii(''), cost, 32] as const;
  expect(await nodeScrypt(...asked)).toEqual(await wasmScrypt(...asked));
});

it('nodeScrypt rejects a cost that is no power of two', async () => {
  await expect(async () => nodeScrypt(ascii('p'), ascii('s'), 1_000, 32)).rejects.toThrow();
});
