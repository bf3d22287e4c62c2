import type { Migration } from '../column-types.ts';

/** The nonces over which a device signs before it is signed in for. */
export const signInNonces: Migration = async ({ schema }, { bytes, integer }) => {
  await schema
    .createTable('sign_in_nonces')
    .addColumn('nonce_hash', bytes, (column) => column.primaryKey().notNull())
    .addColumn('expires_at', integer, (column) => column.notNull())
    .execute();
};
