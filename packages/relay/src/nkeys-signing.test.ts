import { createRequire } from 'node:module';
import { expect, test } from 'vitest';

interface Nkeys {
  createUser(): {
    getSeed(): Uint8Array;
    getPublicKey(): string;
    sign(bytes: Uint8Array): Uint8Array;
    verify(bytes: Uint8Array, signature: Uint8Array): boolean;
  };
  fromSeed(seed: Uint8Array): { getPublicKey(): string; sign(bytes: Uint8Array): Uint8Array };
  fromPublic(key: string): { verify(bytes: Uint8Array, signature: Uint8Array): boolean };
}
// As the client's own dependency resolves it.
const load = createRequire(createRequire(import.meta.url).resolve('@nats-io/transport-node'));
const nkeys = load('@nats-io/nkeys') as Nkeys;
const nonce = new TextEncoder().encode('a nonce of the server');

test('an nkey signs with what stands in for tweetnacl, as RFC 8032 does', () => {
  // NATS's documentation of nkeys: this seed belongs to this public key.
  const seed = new TextEncoder().encode('SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY');
  expect(nkeys.fromSeed(seed).getPublicKey()).toBe('UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4');
  const user = nkeys.createUser();
  const signature = user.sign(nonce);
  expect(signature.length).toBe(64);
  expect(nkeys.fromPublic(user.getPublicKey()).verify(nonce, signature)).toBe(true);
  expect(user.verify(Uint8Array.of(...nonce, 0), signature)).toBe(false);
});

test('it opens nothing', () => {
  const inside = createRequire(load.resolve('@nats-io/nkeys'))('tweetnacl') as Record<string, unknown>;
  expect(Object.keys(inside).sort()).toEqual(['randomBytes', 'sign']);
});
