import type { Migration } from '../column-types.ts';

/** The devices that the relay knows. */
export const devices: Migration = async (db, { bytes, integer, text }) => {
  await db.schema
    .createTable('devices')
    .addColumn('id', bytes, (column) => column.primaryKey().notNull())
    .addColumn('signing_key', bytes, (column) => column.notNull())
    .addColumn('agreement_key', bytes, (column) => column.notNull())
    .addColumn('admitted_by', bytes)
    .addColumn('admitted_via', text, (column) => column.notNull())
    .addColumn('created_at', integer, (column) => column.notNull())
    .execute();
};
