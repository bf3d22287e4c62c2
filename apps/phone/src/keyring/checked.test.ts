import { encodeRequest } from '@palmkey/core/requests';
import { verifyUserSignature, webHostKeyVerifier } from '@palmkey/core/ssh';
import { gitSignedData } from '@palmkey/core/git';
import { beforeAll, describe, expect, test } from 'vitest';
import { FakeServer, loginRequest } from '../engine/testing/login-request.ts';
import { commitText, fileRequest, gitRequest } from '../engine/testing/sign-request.ts';
import type { KeyType } from '../model/model.ts';
import { CheckedCommit } from './checked-commit.ts';
import { CheckedFile } from './checked-file.ts';
import { CheckedLogin } from './checked-login.ts';
import { UserKey, makeUserKey } from './user-key.ts';

const types: readonly KeyType[] = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ssh-rsa'];
const keys = new Map<KeyType, UserKey>();

beforeAll(async () => {
  for (const type of types) keys.set(type, new UserKey(await makeUserKey(type, 1, type)));
}, 120_000);

function keyOf(type: KeyType): UserKey {
  const key = keys.get(type);
  if (key === undefined) throw new Error('no key');
  return key;
}

describe.each(types)('a key of the type %s', (type) => {
  test('has a line that names it, and signs logins, commits and files, each over its very bytes', async () => {
    const key = keyOf(type);
    expect(key.authorizedKeysLine.split(' ')[0]).toBe(type);
    expect(key.type).toBe(type);
    const common = { key: key.blob, now: 1 };
    const verifies = (signature: Uint8Array, data: Uint8Array) =>
      verifyUserSignature(webHostKeyVerifier, key.blob, signature, data);
    const commit = await CheckedCommit.check(encodeRequest(await gitRequest(common)), null);
    expect(await verifies(await key.sign(commit), await gitSignedData(commitText()))).toBe(true);
    const request = fileRequest(common);
    expect(await verifies(await key.sign(CheckedFile.check(encodeRequest(request))), request.data)).toBe(true);
    expect(await verifies(await key.sign(commit), request.data)).toBe(false);
    const algorithm = type === 'ssh-rsa' ? 'rsa-sha2-512' : type;
    const asked = await loginRequest({ ...common, algorithm, servers: [await FakeServer.create()] });
    const login = await CheckedLogin.check(encodeRequest(asked), webHostKeyVerifier);
    expect(await verifies(await key.sign(login), asked.data)).toBe(true);
  });

  test('cannot be exported, nor made from one that can', async () => {
    const row = await makeUserKey('x', 1, type === 'ssh-rsa' ? 'ecdsa-sha2-nistp256' : type);
    for (const format of ['pkcs8', 'jwk'] as const)
      await expect(crypto.subtle.exportKey(format, row.privateKey)).rejects.toThrow();
    const other = await makeUserKey('x', 1, type === 'ssh-ed25519' ? 'ecdsa-sha2-nistp256' : 'ssh-ed25519');
    expect(() => new UserKey({ ...row, privateKey: other.privateKey })).toThrow();
  });
});

describe('what was checked', () => {
  const key = () => keyOf('ssh-ed25519');
  const common = () => ({ key: key().blob, now: 1 });

  test('is signed as it was checked when everything of it is written over afterwards', async () => {
    const text = commitText(`${'x'.repeat(60_000)}\n`);
    const request = encodeRequest(await gitRequest({ ...common(), text }));
    const fetched = text.slice();
    const checking = CheckedCommit.check(request, fetched);
    fetched.fill(0x20);
    const commit = await checking;
    fetched.fill(0x21);
    const signature = await key().sign(commit);
    expect(await verifyUserSignature(webHostKeyVerifier, key().blob, signature, await gitSignedData(text))).toBe(true);
    expect(commit.text()).toBe(new TextDecoder().decode(text));
  });

  test('is nothing that only looks like it', async () => {
    const commit = await CheckedCommit.check(encodeRequest(await gitRequest(common())), null);
    const file = CheckedFile.check(encodeRequest(fileRequest(common())));
    const forgedCommit: CheckedCommit = Object.assign(Object.create(CheckedCommit.prototype), commit);
    const forgedFile: CheckedFile = Object.assign(Object.create(CheckedFile.prototype), file);
    const disguised: CheckedFile = Object.assign(Object.create(CheckedFile.prototype), file, { kind: 'git' });
    for (const forged of [forgedCommit, forgedFile, disguised])
      await expect(key().sign(forged)).rejects.toThrow(TypeError);
  });

  test('is not signed with another key than the one asked for, whatever is written over the request', async () => {
    const request = fileRequest(common());
    const file = CheckedFile.check(encodeRequest(request));
    file.request.key.set(keyOf('ecdsa-sha2-nistp256').blob.slice(0, file.request.key.length));
    await expect(keyOf('ecdsa-sha2-nistp256').sign(file)).rejects.toMatchObject({ code: 'wrong-key' });
  });

  test('of a text in parts has the length and hash of the request', async () => {
    const text = commitText(`${'x'.repeat(60_000)}\n`);
    const request = encodeRequest(await gitRequest({ ...common(), text }));
    const flipped = text.map((byte, i) => (i === 300 ? byte ^ 1 : byte));
    for (const wrong of [null, text.slice(1), new Uint8Array([...text, 10]), flipped])
      await expect(CheckedCommit.check(request, wrong)).rejects.toMatchObject({ code: 'unparsable' });
    const whole = encodeRequest(await gitRequest(common()));
    await expect(CheckedCommit.check(whole, commitText())).rejects.toMatchObject({ code: 'unparsable' });
  });

  test('is of its own kind', async () => {
    const git = encodeRequest(await gitRequest(common()));
    expect(() => CheckedFile.check(git)).toThrow();
    await expect(CheckedLogin.check(git, webHostKeyVerifier)).rejects.toMatchObject({ code: 'unparsable' });
    await expect(CheckedCommit.check(encodeRequest(fileRequest(common())), null)).rejects.toMatchObject({
      code: 'unparsable',
    });
    expect(() => CheckedFile.check(encodeRequest(fileRequest({ ...common(), namespace: 'git' })))).toThrow(
      'without its text',
    );
  });

  test('in an old encoding is shown as core reads it', async () => {
    const latin = commitText('caf_\n');
    latin[latin.indexOf(0x5f)] = 0xe9;
    const commit = await CheckedCommit.check(encodeRequest(await gitRequest({ ...common(), text: latin })), null);
    expect(commit.text().endsWith('café\n')).toBe(true);
    expect(commit.object.decoded).toBe('latin1');
  });
});
