/**
 * Writes down the private keys that a page makes, which no page of the app could tell: each is made so that it can be
 * exported, and given to the app as one that cannot.
 */
import type { BrowserContext } from 'playwright-core';

const mark = 'e2e: a private key ';

/** The private keys that the pages of this context make from now on: the 32 bytes of each, Ed25519 and X25519 alike. */
export async function tapPrivateKeys(context: BrowserContext): Promise<() => readonly Uint8Array[]> {
  const keys: Uint8Array[] = [];
  context.on('console', (message) => {
    const text = message.text();
    if (text.startsWith(mark)) keys.push(new Uint8Array(Buffer.from(text.slice(mark.length), 'hex')));
  });
  await context.addInitScript((prefix) => {
    const { prototype } = SubtleCrypto;
    const make = Object.getOwnPropertyDescriptor(prototype, 'generateKey')?.value as (
      algorithm: AlgorithmIdentifier,
      extractable: boolean,
      usages: KeyUsage[],
    ) => Promise<CryptoKeyPair>;
    const tapped = async function (
      this: SubtleCrypto,
      algorithm: AlgorithmIdentifier,
      extractable: boolean,
      usages: KeyUsage[],
    ): Promise<CryptoKeyPair> {
      const pair = await make.call(this, algorithm, true, usages);
      const pkcs8 = new Uint8Array(await this.exportKey('pkcs8', pair.privateKey));
      // RFC 8410 §7: the key itself is what such a structure ends with.
      const hex = [...pkcs8.subarray(-32)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
      console.debug(prefix + hex);
      const { name } = pair.privateKey.algorithm;
      const own = await this.importKey('pkcs8', pkcs8, { name }, extractable, pair.privateKey.usages);
      return { publicKey: pair.publicKey, privateKey: own };
    };
    Object.assign(prototype, { generateKey: tapped });
  }, mark);
  return () => keys;
}
