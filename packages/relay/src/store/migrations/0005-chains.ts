import type { Migration } from '../column-types.ts';

/** Account chains, what is kept beside them, and the grants by which devices join them. */
export const chains: Migration = async ({ schema }, { bytes, integer, text }) => {
  await schema
    .createTable('chains')
    .addColumn('id', bytes, (column) => column.primaryKey().notNull())
    .addColumn('account', bytes, (column) => column.notNull().unique())
    .addColumn('head_seqno', integer, (column) => column.notNull())
    .addColumn('head_hash', bytes, (column) => column.notNull())
    .addColumn('bytes', integer, (column) => column.notNull())
    .addColumn('records_revision', integer, (column) => column.notNull().defaultTo(0))
    .execute();
  await schema
    .createTable('chain_links')
    .addColumn('chain', bytes, (column) => column.notNull())
    .addColumn('seqno', integer, (column) => column.notNull())
    .addColumn('link', bytes, (column) => column.notNull())
    .addPrimaryKeyConstraint('chain_links_key', ['chain', 'seqno'])
    .execute();
  await schema
    .createTable('chain_devices')
    .addColumn('chain', bytes, (column) => column.notNull())
    .addColumn('device', bytes, (column) => column.notNull())
    .addColumn('kind', text, (column) => column.notNull())
    .addColumn('revoked_by', integer)
    .addPrimaryKeyConstraint('chain_devices_key', ['chain', 'device'])
    .execute();
  await schema.createIndex('chain_devices_by_device').on('chain_devices').column('device').execute();
  await schema
    .createTable('chain_boxes')
    .addColumn('chain', bytes, (column) => column.notNull())
    .addColumn('generation', integer, (column) => column.notNull())
    .addColumn('receiver', bytes, (column) => column.notNull())
    .addColumn('box', bytes, (column) => column.notNull())
    .addPrimaryKeyConstraint('chain_boxes_key', ['chain', 'generation', 'receiver'])
    .execute();
  await schema
    .createTable('chain_seeds')
    .addColumn('chain', bytes, (column) => column.notNull())
    .addColumn('generation', integer, (column) => column.notNull())
    .addColumn('seed', bytes, (column) => column.notNull())
    .addPrimaryKeyConstraint('chain_seeds_key', ['chain', 'generation'])
    .execute();
  await schema
    .createTable('chain_records')
    .addColumn('chain', bytes, (column) => column.notNull())
    .addColumn('name', bytes, (column) => column.notNull())
    .addColumn('revision', integer, (column) => column.notNull())
    .addColumn('record', bytes, (column) => column.notNull())
    .addPrimaryKeyConstraint('chain_records_key', ['chain', 'name'])
    .addUniqueConstraint('chain_records_in_order', ['chain', 'revision'])
    .execute();
  await schema
    .createTable('chain_grants')
    .addColumn('grant_hash', bytes, (column) => column.primaryKey().notNull())
    .addColumn('chain', bytes, (column) => column.notNull())
    .addColumn('created_by', bytes, (column) => column.notNull())
    .addColumn('device', bytes)
    .addColumn('expires_at', integer, (column) => column.notNull())
    .execute();
};
