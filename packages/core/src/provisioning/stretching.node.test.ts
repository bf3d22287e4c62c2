/** In Node alone: the app's content security policy lets no page run WebAssembly. */
import { fromHex, parseAccountId, toHex } from '@palmkey/envelope';
import { expect, it } from 'vitest';
import { readPage } from '../../../../vectors/page.ts';
import { wasmScrypt } from '../scrypt/index.ts';
import { stretchWords } from './session.ts';

interface Page {
  suites: { suite: 'kex2-v1' | 'kex2-v2'; words: string; account: string | null; stretched: string }[];
}
const { suites } = readPage('provisioning') as Page;

it.each(suites)('stretchWords makes of "$words" what libsodium does', async ({ suite, words, account, stretched }) => {
  const named = account === null ? null : parseAccountId(fromHex(account));
  expect(toHex(await stretchWords({ suite, words }, named, wasmScrypt))).toBe(stretched);
});
