import { Kysely } from 'kysely';
import { createECDH } from 'node:crypto';
import { expect, test } from 'vitest';
import { sqliteTypes } from '../store/column-types.ts';
import { migrate } from '../store/migrate.ts';
import type { Schema } from '../store/schema.ts';
import { SecretStore } from '../store/secret-store.ts';
import { sqliteDialect } from '../store/sqlite.ts';
import { vapidKeys } from './vapid.ts';

test('vapidKeys: made once for a store, also where two ask at the same time', async () => {
  const db = new Kysely<Schema>({ dialect: await sqliteDialect(':memory:') });
  await migrate(db, sqliteTypes);
  const secrets = new SecretStore(db);
  const [first, second] = await Promise.all([vapidKeys(secrets), vapidKeys(secrets)]);
  expect(second).toEqual(first);
  expect(await vapidKeys(secrets)).toEqual(first);
  await db.destroy();
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(first.privateKey, 'base64url');
  expect(curve.getPublicKey('base64url')).toBe(first.publicKey);
  expect(Buffer.from(first.publicKey, 'base64url')).toHaveLength(65);
});
