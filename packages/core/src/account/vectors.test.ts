import {
  concat,
  fromHex,
  parseAccountId,
  parseAgreementPublicKey,
  parseSigningPublicKey,
  toHex,
} from '@palmkey/envelope';
import fc from 'fast-check';
import sodium from 'libsodium-wrappers';
import { beforeAll, describe, expect, it } from 'vitest';
import { readPage } from '../../../../vectors/page.ts';
import { webPrimitives } from '../crypto/index.ts';
import { type PublicDevice, publicDevice } from '../devices/index.ts';
import { fixedDevice } from '../testing/fixed-keys.ts';
import { platformSha256 } from '../testing/platform-sha256.ts';
import {
  accountDataGeneration,
  encodeDeviceFacts,
  encodePerUserBox,
  encodePreviousSeed,
  factsHash,
  foldName,
  importPerUserKeys,
  isAccountDeviceName,
  newPerUserKey,
  newRecoveryPhrase,
  newSaltedFacts,
  openAccountData,
  paperKeys,
  parsePerUserBox,
  parsePerUserSeed,
  parsePreviousSeed,
  parseRecoveryPhrase,
  parseSaltedFacts,
  type PerUserKeysOnChain,
  perUserKeyOf,
  sealAccountData,
  sealPerUserBox,
  sealPreviousSeed,
  takenName,
} from './index.ts';

interface PublicHex {
  agreementPrivate: string;
  id: string;
  signingKey: string;
  agreementKey: string;
}
interface Page {
  generations: { generation: number; seed: string; signingKey: string; agreementKey: string; symmetricKey: string }[];
  devices: { sender: PublicHex; receiver: PublicHex };
  box: string;
  previous: string[];
  invalidImports: { name: string; code: string; box: string; previous: string[] }[];
  data: { account: string; generation: number; record: string; plaintext: string; sealed: string };
  facts: { kind: 'phone'; name: string; salt: string; bytes: string; hash: string };
  names: string[];
  invalidNames: string[];
  sameNames: [string, string][];
  otherNames: [string, string][];
  phrases: { phrase: string; id: string; signingKey: string; agreementKey: string }[];
  typed: { typed: string; phrase: string }[];
  invalidPhrases: { name: string; code: string; typed: string }[];
}
const page = readPage('members') as Page;
const { devices, data, facts } = page;

/** The device that the vectors' box is for. */
const receiver = await fixedDevice('tablet');
const onChain: PerUserKeysOnChain = {
  generations: page.generations.map(({ generation, signingKey, agreementKey }) => ({
    generation,
    signingKey: parseSigningPublicKey(fromHex(signingKey)),
    agreementKey: parseAgreementPublicKey(fromHex(agreementKey)),
  })),
  member: (id) => members.find((member) => toHex(member.id) === toHex(id)),
};
const members: readonly PublicDevice[] = [devices.sender, devices.receiver].map(({ signingKey, agreementKey }) =>
  publicDevice(parseSigningPublicKey(fromHex(signingKey)), parseAgreementPublicKey(fromHex(agreementKey))),
);
const importOf = async (box: string, previous: readonly string[]) =>
  importPerUserKeys(
    webPrimitives,
    receiver,
    onChain,
    parsePerUserBox(fromHex(box)),
    previous.map((each) => parsePreviousSeed(fromHex(each))),
  );
const hmac = async (key: string, label: string): Promise<Uint8Array<ArrayBuffer>> => {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const imported = await crypto.subtle.importKey('raw', fromHex(key), algorithm, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, new TextEncoder().encode(label)));
};

beforeAll(async () => {
  await sodium.ready;
});

describe('vectors/members.json: the per-user key', () => {
  it.each(page.generations)(
    'derives generation $generation from its seed, as libsodium and WebCrypto do',
    async (it) => {
      const key = await perUserKeyOf(webPrimitives, parsePerUserSeed(fromHex(it.seed)), it.generation);
      expect(toHex(key.signingKey)).toBe(it.signingKey);
      expect(toHex(key.agreementKey)).toBe(it.agreementKey);
      expect(toHex(key.symmetricKey)).toBe(it.symmetricKey);
      const signingSeed = await hmac(it.seed, 'palmkey/puk-signing/1');
      expect(toHex(sodium.crypto_sign_seed_keypair(signingSeed).publicKey)).toBe(it.signingKey);
      const agreementPrivate = await hmac(it.seed, 'palmkey/puk-agreement/1');
      expect(toHex(sodium.crypto_scalarmult_base(agreementPrivate))).toBe(it.agreementKey);
      expect(toHex(await hmac(it.seed, 'palmkey/puk-symmetric/1'))).toBe(it.symmetricKey);
    },
  );

  it('imports the latest generation and walks down to the first', async () => {
    const keys = await importOf(page.box, page.previous);
    expect(keys.map((key) => toHex(key.seed))).toEqual(page.generations.map((each) => each.seed));
  });

  it('holds boxes that libsodium opens', () => {
    const box = fromHex(page.box);
    const seed = sodium.crypto_box_open_easy(
      box.subarray(60),
      box.subarray(36, 60),
      fromHex(devices.sender.agreementKey),
      fromHex(devices.receiver.agreementPrivate),
    );
    expect(toHex(seed)).toBe(page.generations[2]!.seed);
    page.previous.forEach((hex, i) => {
      const key = fromHex(page.generations[i + 1]!.symmetricKey);
      const opened = sodium.crypto_secretbox_open_easy(fromHex(hex).subarray(28), fromHex(hex).subarray(4, 28), key);
      expect(toHex(opened)).toBe(page.generations[i]!.seed);
    });
  });

  it.each(page.invalidImports)('refuses $name', async ({ code, box, previous }) => {
    await expect(importOf(box, previous)).rejects.toThrow(expect.objectContaining({ code }));
  });

  it('reads records that are whole, and cut off at no byte', () => {
    expect(toHex(encodePerUserBox(parsePerUserBox(fromHex(page.box))))).toBe(page.box);
    for (const hex of page.previous) expect(toHex(encodePreviousSeed(parsePreviousSeed(fromHex(hex))))).toBe(hex);
    const bad = expect.objectContaining({ code: 'bad-format' });
    for (let n = 0; n < 108; n++) expect(() => parsePerUserBox(fromHex(page.box).subarray(0, n))).toThrow(bad);
    for (let n = 0; n < 76; n++)
      expect(() => parsePreviousSeed(fromHex(page.previous[0]!).subarray(0, n))).toThrow(bad);
    expect(() => parsePerUserBox(concat(fromHex(page.box), Uint8Array.of(0)))).toThrow(bad);
  });
});

describe('importPerUserKeys', () => {
  it('walks down a hundred generations', async () => {
    const keys = [await newPerUserKey(webPrimitives, 1)];
    while (keys.length < 100) keys.push(await newPerUserKey(webPrimitives, keys.length + 1));
    const previous = keys.slice(1).map((key, i) => sealPreviousSeed(webPrimitives, key, keys[i]!));
    const sender = await fixedDevice('phone');
    const to = publicDevice(receiver.signer.publicKey, receiver.agreement.publicKey);
    const box = await sealPerUserBox(webPrimitives, sender, to, keys[99]!);
    const opened = await importPerUserKeys(
      webPrimitives,
      receiver,
      { ...onChain, generations: keys },
      box,
      previous.reverse(),
    );
    expect(opened.map((key) => toHex(key.seed))).toEqual(keys.map((key) => toHex(key.seed)));
  });
});

describe('vectors/members.json: account data', () => {
  const account = parseAccountId(fromHex(data.account));
  const open = async (sealed: Uint8Array, record = data.record, of = account) =>
    openAccountData(webPrimitives, of, await importOf(page.box, page.previous), record, sealed);

  it('opens a record under an older generation', async () => {
    expect(accountDataGeneration(fromHex(data.sealed))).toBe(data.generation);
    expect(toHex(await open(fromHex(data.sealed)))).toBe(data.plaintext);
  });

  it('opens it under no other name and for no other account', async () => {
    const unopenable = expect.objectContaining({ code: 'unopenable' });
    await expect(open(fromHex(data.sealed), 'facts/other')).rejects.toThrow(unopenable);
    const other = parseAccountId(new Uint8Array(16));
    await expect(open(fromHex(data.sealed), data.record, other)).rejects.toThrow(unopenable);
  });

  it('refuses every change of one bit and every cut', async () => {
    const sealed = fromHex(data.sealed);
    for (let at = 0; at < sealed.length; at++) {
      await expect(open(sealed.map((byte, i) => (i === at ? byte ^ 1 : byte)))).rejects.toThrow();
      await expect(open(sealed.subarray(0, at))).rejects.toThrow();
    }
  });

  it('opens what it seals', async () => {
    const keys = await importOf(page.box, page.previous);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 0, max: 2 }), async (plaintext, which) => {
        const sealed = await sealAccountData(webPrimitives, account, keys[which]!, 'record', plaintext);
        expect(await openAccountData(webPrimitives, account, keys, 'record', sealed)).toEqual(plaintext);
      }),
      { numRuns: 30 },
    );
  });
});

describe('vectors/members.json: the facts of a device', () => {
  it('hashes them with their salt', async () => {
    const salted = { facts: { kind: facts.kind, name: facts.name }, salt: fromHex(facts.salt) };
    expect(toHex(encodeDeviceFacts(salted.facts))).toBe(facts.bytes);
    expect(toHex(factsHash(salted))).toBe(facts.hash);
    const bytes = concat(salted.salt, fromHex(facts.bytes));
    expect(toHex(await platformSha256('palmkey/device-facts/1', bytes))).toBe(facts.hash);
    expect(parseSaltedFacts(fromHex(facts.bytes), salted.salt, fromHex(facts.hash))).toEqual(salted);
  });

  it('refuses facts that do not give the hash, are not of the form, or carry a name that may not be', () => {
    const [bytes, salt, hash] = [facts.bytes, facts.salt, facts.hash].map(fromHex) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    const wrong = expect.objectContaining({ code: 'wrong-facts' });
    expect(() => parseSaltedFacts(bytes, new Uint8Array(32), hash)).toThrow(wrong);
    expect(() => parseSaltedFacts(bytes, salt.subarray(1), hash)).toThrow(wrong);
    expect(() => parseSaltedFacts(bytes.subarray(1), salt, hash)).toThrow(wrong);
    const named = { facts: { kind: 'phone' as const, name: 'a  b' }, salt };
    expect(() => parseSaltedFacts(encodeDeviceFacts(named.facts), salt, factsHash(named))).toThrow(
      expect.objectContaining({ code: 'bad-account-name' }),
    );
    expect(() => newSaltedFacts(webPrimitives, named.facts)).toThrow(
      expect.objectContaining({ code: 'bad-account-name' }),
    );
    expect(newSaltedFacts(webPrimitives, { kind: 'browser', name: 'Desk' }).salt).toHaveLength(32);
  });

  it.each(page.names)('allows the name "%s"', (name) => {
    expect(isAccountDeviceName(name)).toBe(true);
  });

  it.each(page.invalidNames)('does not allow the name "%s"', (name) => {
    expect(isAccountDeviceName(name)).toBe(false);
  });

  it.each(page.sameNames)('takes "%s" and "%s" for the same name', (one, other) => {
    expect(takenName(one, ['Desk', other])).toBe(other);
  });

  it.each(page.otherNames)('takes "%s" and "%s" for two names', (one, other) => {
    expect(takenName(one, ['Desk', other])).toBeUndefined();
  });

  it('foldName is the same when it is done again', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (name) => foldName(foldName(name)) === foldName(name)));
  });
});

describe('vectors/members.json: the recovery phrase', () => {
  it.each(page.phrases)('derives the paper key of "$phrase"', async ({ phrase, id, signingKey, agreementKey }) => {
    const keys = await paperKeys(webPrimitives, parseRecoveryPhrase(phrase));
    expect(toHex(keys.id)).toBe(id);
    expect(toHex(keys.signer.publicKey)).toBe(signingKey);
    expect(toHex(keys.agreement.publicKey)).toBe(agreementKey);
  });

  it('derives them by HKDF from the entropy alone, as WebCrypto and libsodium do', async () => {
    // The second phrase stands for 16 zero bytes (BIP39's own test vector).
    const hkdf = async (label: string) => {
      const algorithm = {
        name: 'HKDF',
        hash: 'SHA-256',
        salt: new Uint8Array(0),
        info: new TextEncoder().encode(label),
      };
      const key = await crypto.subtle.importKey('raw', new Uint8Array(16), 'HKDF', false, ['deriveBits']);
      return new Uint8Array(await crypto.subtle.deriveBits(algorithm, key, 256));
    };
    const { publicKey } = sodium.crypto_sign_seed_keypair(await hkdf('palmkey/paper-signing/1'));
    expect(toHex(publicKey)).toBe(page.phrases[1]!.signingKey);
    const agreement = sodium.crypto_scalarmult_base(await hkdf('palmkey/paper-agreement/1'));
    expect(toHex(agreement)).toBe(page.phrases[1]!.agreementKey);
  });

  it.each(page.typed)('reads "$typed"', ({ typed, phrase }) => {
    expect(parseRecoveryPhrase(typed)).toBe(phrase);
  });

  it.each(page.invalidPhrases)('refuses $name', ({ code, typed }) => {
    expect(() => parseRecoveryPhrase(typed)).toThrow(expect.objectContaining({ code }));
  });

  it('names the positions of words that are not in the list, and never a word', () => {
    const typed = page.phrases[1]!.phrase.replace('about', 'secretword');
    expect(() => parseRecoveryPhrase(typed)).toThrow(expect.objectContaining({ positions: [12] }));
    expect(() => parseRecoveryPhrase(typed)).toThrow(/^(?!.*secretword)/);
  });

  it('makes new phrases that it reads', () => {
    const made = new Set(Array.from({ length: 20 }, () => newRecoveryPhrase(webPrimitives)));
    for (const phrase of made) expect(parseRecoveryPhrase(phrase)).toBe(phrase);
    expect(made.size).toBe(20);
  });
});
