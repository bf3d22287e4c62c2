import { encodeRequest } from '@palmkey/core/requests';
import { parseSshSignature, webHostKeyVerifier } from '@palmkey/core/ssh';
import { describe, expect, test } from 'vitest';
import { FakeServer, loginRequest } from '../engine/testing/login-request.ts';
import { CheckedLogin } from './checked-login.ts';
import { makeDevice } from './device-keyring.ts';
import { UserKey, makeUserKey } from './user-key.ts';

async function checkedLogin(key: UserKey) {
  const request = await loginRequest({ key: key.blob, now: 1, servers: [await FakeServer.create()] });
  return { request, login: await CheckedLogin.check(encodeRequest(request), webHostKeyVerifier) };
}

describe('UserKey', () => {
  test('signs a checked login, and the signature is over its data', async () => {
    const key = new UserKey(await makeUserKey('Work', 1));
    const { request, login } = await checkedLogin(key);
    const signature = parseSshSignature(await key.sign(login));
    const plain = { kind: 'ed25519', publicKey: key.blob.slice(-32) } as const;
    expect(await webHostKeyVerifier(plain, signature, request.data)).toBe(true);
  });

  test('signs what was checked when the request is written over afterwards', async () => {
    const key = new UserKey(await makeUserKey('Work', 1));
    const { request, login } = await checkedLogin(key);
    const original = request.data.slice();
    login.request.data.fill(0);
    const plain = { kind: 'ed25519', publicKey: key.blob.slice(-32) } as const;
    expect(await webHostKeyVerifier(plain, parseSshSignature(await key.sign(login)), original)).toBe(true);
  });

  test('signs nothing that looks like a checked login and is none', async () => {
    const key = new UserKey(await makeUserKey('Work', 1));
    const { login } = await checkedLogin(key);
    const forged: CheckedLogin = Object.assign(Object.create(CheckedLogin.prototype), login);
    await expect(key.sign(forged)).rejects.toThrow(TypeError);
  });

  test('signs no login that asks for another key', async () => {
    const [key, other] = [new UserKey(await makeUserKey('a', 1)), new UserKey(await makeUserKey('b', 1))];
    const { login } = await checkedLogin(other);
    await expect(key.sign(login)).rejects.toMatchObject({ code: 'wrong-key' });
  });

  test('is not made from a key that could be exported, or do more than sign', async () => {
    const pair = await crypto.subtle.generateKey({ name: 'Ed25519' }, true, ['sign', 'verify']);
    const row = await makeUserKey('Work', 1);
    expect(() => new UserKey({ ...row, privateKey: pair.privateKey })).toThrow('could be exported');
    expect(() => new UserKey({ ...row, privateKey: pair.publicKey })).toThrow('could be exported');
  });
});

describe('private keys', () => {
  test.each(['pkcs8', 'jwk', 'raw', 'spki'] as const)('are not exported as %s, nor wrapped', async (format) => {
    const { privateKey } = await makeUserKey('Work', 1);
    const { signing, agreement } = await makeDevice('phone', 1);
    const wrapping = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['wrapKey']);
    for (const key of [privateKey, signing.privateKey, agreement.privateKey]) {
      await expect(crypto.subtle.exportKey(format, key)).rejects.toThrow();
      const algorithm = { name: 'AES-GCM', iv: new Uint8Array(12) };
      await expect(crypto.subtle.wrapKey(format, key, wrapping, algorithm)).rejects.toThrow();
      await expect(crypto.subtle.exportKey(format, structuredClone(key))).rejects.toThrow();
    }
  });
});
