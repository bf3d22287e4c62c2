/** What only devices of an account know, worked out from its recovery words: what a relay is searched for. */
import { createHmac } from 'node:crypto';
import { decodeLinks, replay } from '@palmkey/chain';
import {
  importPerUserKeys,
  paperKeys,
  parsePerUserBox,
  parsePreviousSeed,
  parseRecoveryPhrase,
  perUserKeysOnChain,
} from '@palmkey/core/account';
import { hkdfSha256, sha256, webPrimitives } from '@palmkey/core/crypto';
import { completions } from '@palmkey/core/provisioning';
import { fetchLinks, type RelayClient, systemTimers } from '@palmkey/relay-client';
import { connectDevice } from './scripted-device.ts';

/** Secrets by what they are. */
export type Secrets = ReadonlyMap<string, Uint8Array>;

/** The entropy of words, and the private keys that follow from it. */
export function secretsOfWords(which: string, words: readonly string[]): Secrets {
  const entropy = entropyOf(words);
  return new Map([
    [`entropy of the ${which} words`, entropy],
    [`signing key of the ${which} words`, hkdfSha256(entropy, 'palmkey/paper-signing/1', 32)],
    [`agreement key of the ${which} words`, hkdfSha256(entropy, 'palmkey/paper-agreement/1', 32)],
  ]);
}

/** A connection as the paper key of these words, as which nobody but their owner can connect. */
export async function connectAsPaper(relay: string, words: readonly string[]) {
  const paper = await paperKeys(webPrimitives, parseRecoveryPhrase(words.join(' ')));
  const { client } = connectDevice(relay, paper);
  await client.connected(AbortSignal.timeout(20_000));
  return { client, paper };
}

/** The seed and the derived keys of every generation of the per-user key. */
export async function perUserSecrets(
  relay: string,
  { client, paper }: { readonly client: RelayClient; readonly paper: Awaited<ReturnType<typeof paperKeys>> },
): Promise<Secrets> {
  const head = await client.chain.ask();
  if (head === null) throw new RangeError('the words are on no chain');
  const { links } = await fetchLinks({ relay, account: head.account, after: 0, fetch, timers: systemTimers });
  const state = await replay({ ...webPrimitives, sha256 }, decodeLinks(links), null);
  const { box, seeds } = await client.chain.boxes();
  if (box === null) throw new RangeError('the words have no box');
  const all = [perUserKeysOnChain(state), parsePerUserBox(box), seeds.map(parsePreviousSeed)] as const;
  const keys = await importPerUserKeys(webPrimitives, paper, ...all);
  return new Map<string, Uint8Array>(
    keys.flatMap(({ generation, seed }) => [
      [`seed ${generation}`, seed] as const,
      ...['signing', 'agreement', 'symmetric'].map((label) => {
        const key = createHmac('sha256', seed).update(`palmkey/puk-${label}/1`).digest();
        return [`${label} key ${generation}`, new Uint8Array(key)] as const;
      }),
    ]),
  );
}

/** The 16 bytes that twelve words of 11 bits begin with; the last 4 bits are the checksum (BIP39). */
function entropyOf(words: readonly string[]): Uint8Array {
  const list = Array.from('abcdefghijklmnopqrstuvwxyz').flatMap((letter) => completions(letter, 2_048));
  const bits = words.map((word) => list.indexOf(word).toString(2).padStart(11, '0')).join('');
  return Uint8Array.from({ length: 16 }, (_, at) => Number.parseInt(bits.slice(at * 8, at * 8 + 8), 2));
}
