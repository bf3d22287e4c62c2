import { createECDH } from 'node:crypto';
import { expect, test } from 'vitest';
import { openDatabase } from '../store/database.ts';
import { SecretStore } from '../store/secret-store.ts';
import { vapidKeys } from './vapid.ts';

test('vapidKeys: made once for a store, also where two ask at the same time', async () => {
  const database = await openDatabase(':memory:');
  const secrets = new SecretStore(database);
  const [first, second] = await Promise.all([vapidKeys(secrets), vapidKeys(secrets)]);
  expect(second).toEqual(first);
  expect(await vapidKeys(secrets)).toEqual(first);
  await database.close();
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(first.privateKey, 'base64url');
  expect(curve.getPublicKey('base64url')).toBe(first.publicKey);
  expect(Buffer.from(first.publicKey, 'base64url')).toHaveLength(65);
});
