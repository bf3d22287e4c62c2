import type { Kysely, Transaction } from 'kysely';
import { RelayStartError } from '../errors.ts';
import type { ColumnTypes, Migration } from './column-types.ts';
import { devices } from './migrations/0001-devices.ts';
import { accountsAndMail } from './migrations/0002-accounts-and-mail.ts';
import { githubNames } from './migrations/0003-github-names.ts';
import { signInNonces } from './migrations/0004-sign-in-nonces.ts';
import { chains } from './migrations/0005-chains.ts';
import type { Schema } from './schema.ts';

/** In order; a store's version is how many of them it has been through. */
const migrations: readonly Migration[] = [devices, accountsAndMail, githubNames, signInNonces, chains];

/** The version of the store that this program reads and writes. */
export const STORE_VERSION = migrations.length;

/**
 * Brings a store to {@link STORE_VERSION}, in one transaction that nobody else's overlaps: whole or not at all. Throws
 * {@link RelayStartError} `newer-store` where a newer program wrote it: what that one added must not be lost.
 */
export async function migrate(db: Transaction<Schema>, types: ColumnTypes): Promise<void> {
  await db.schema
    .createTable('meta')
    .ifNotExists()
    .addColumn('name', 'text', (column) => column.primaryKey().notNull())
    .addColumn('value', 'integer', (column) => column.notNull())
    .execute();
  const row = await db.selectFrom('meta').select('value').where('name', '=', 'version').executeTakeFirst();
  const version = row?.value ?? 0;
  if (version > STORE_VERSION) {
    throw new RelayStartError('newer-store', `store version ${version}, this program's is ${STORE_VERSION}`);
  }
  for (const step of migrations.slice(version)) await step(db as unknown as Kysely<unknown>, types);
  await db
    .insertInto('meta')
    .values({ name: 'version', value: STORE_VERSION })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: STORE_VERSION }))
    .execute();
}
