/**
 * The bytes of keys that a passphrase can lock (spec/account.md, "The passphrase"). What the app works with are handles that
 * WebCrypto gives nothing out of; their bytes are held here, by the handle, for as long as it lives.
 */
const held = new WeakMap<CryptoKey, Uint8Array<ArrayBuffer>>();

/** How a handle is made of its bytes, by type and algorithm: there are no other keys in the app. */
const forms = {
  'private Ed25519': { algorithm: { name: 'Ed25519' }, usages: ['sign'] },
  'public Ed25519': { algorithm: { name: 'Ed25519' }, usages: ['verify'] },
  'private X25519': { algorithm: { name: 'X25519' }, usages: ['deriveBits'] },
  'public X25519': { algorithm: { name: 'X25519' }, usages: [] },
  'private ECDSA': { algorithm: { name: 'ECDSA', namedCurve: 'P-256' }, usages: ['sign'] },
  'public ECDSA': { algorithm: { name: 'ECDSA', namedCurve: 'P-256' }, usages: ['verify'] },
  'private RSASSA-PKCS1-v1_5': { algorithm: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-512' }, usages: ['sign'] },
  'public RSASSA-PKCS1-v1_5': { algorithm: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-512' }, usages: ['verify'] },
} as const;

/** What a key is, by which it is made of its bytes again. */
export type KeyForm = keyof typeof forms;

/** Makes a pair whose private handle is not exportable and whose bytes are held. */
export async function generateLockable(
  algorithm: Parameters<SubtleCrypto['generateKey']>[0],
  usages: readonly KeyUsage[],
): Promise<CryptoKeyPair> {
  const made = await crypto.subtle.generateKey(algorithm, true, [...usages]);
  if (!('privateKey' in made)) throw new TypeError('the algorithm made no pair');
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey('pkcs8', made.privateKey));
  const spki = new Uint8Array(await crypto.subtle.exportKey('spki', made.publicKey));
  return {
    privateKey: await importLockable(formOf(made.privateKey), pkcs8),
    publicKey: await importLockable(formOf(made.publicKey), spki),
  };
}

/** A handle of PKCS#8, not exportable, or of SubjectPublicKeyInfo. It holds the bytes, which are its own from here on. */
export async function importLockable(form: KeyForm, bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  const { algorithm, usages } = forms[form];
  const isPublic = form.startsWith('public');
  const key = await crypto.subtle.importKey(isPublic ? 'spki' : 'pkcs8', bytes, algorithm, isPublic, [...usages]);
  held.set(key, bytes);
  return key;
}

/** The bytes of a key; undefined where nobody has them, as of every key that was made without a passphrase. */
export function keyBytes(key: CryptoKey): Uint8Array<ArrayBuffer> | undefined {
  return held.get(key);
}

/** Overwrites what is held of these keys: they are used as before, and no passphrase locks them any more. */
export function forgetKeyBytes(keys: readonly CryptoKey[]): void {
  for (const key of keys) {
    held.get(key)?.fill(0);
    held.delete(key);
  }
}

/** What a key is. Throws a TypeError for one that the app does not make. */
export function formOf({ type, algorithm }: CryptoKey): KeyForm {
  return parseKeyForm(`${type} ${algorithm.name}`);
}

/** Throws a TypeError for a form that the app does not know. */
export function parseKeyForm(text: unknown): KeyForm {
  const form = (Object.keys(forms) as KeyForm[]).find((known) => known === text);
  if (form === undefined) throw new TypeError('a key of no form of ours');
  return form;
}
