import type { Kysely } from 'kysely';

/** The devices that the relay knows. */
export async function devices(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('devices')
    .addColumn('id', 'blob', (column) => column.primaryKey().notNull())
    .addColumn('signing_key', 'blob', (column) => column.notNull())
    .addColumn('agreement_key', 'blob', (column) => column.notNull())
    .addColumn('admitted_by', 'blob')
    .addColumn('admitted_via', 'text', (column) => column.notNull())
    .addColumn('created_at', 'integer', (column) => column.notNull())
    .execute();
}
