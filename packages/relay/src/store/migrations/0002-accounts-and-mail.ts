import { sql } from 'kysely';
import type { Migration } from '../column-types.ts';

/** Accounts, invitations, sign-ins, rendezvous, push registrations, durable mail, the relay's own keys. */
export const accountsAndMail: Migration = async (db, { bytes, integer, text }) => {
  const { schema } = db;
  await schema
    .createTable('accounts')
    .addColumn('id', bytes, (column) => column.primaryKey().notNull())
    .addColumn('created_at', integer, (column) => column.notNull())
    .addColumn('github_user', integer, (column) => column.unique())
    .addColumn('blocked_at', integer)
    .execute();
  // Who let nobody in began an account; whom another device let in belongs to that one's, through any number of hands.
  await schema.alterTable('devices').addColumn('account', bytes).execute();
  await schema
    .alterTable('devices')
    .addColumn('seen_on', integer, (column) => column.notNull().defaultTo(0))
    .execute();
  await schema.alterTable('devices').addColumn('blocked_at', integer).execute();
  await sql`
    with recursive roots (id, account) as (
      select id, id from devices
        where admitted_by is null or admitted_by not in (select id from devices)
      union all
      select devices.id, roots.account from devices join roots on devices.admitted_by = roots.id
    )
    update devices set account = (select roots.account from roots where roots.id = devices.id)
  `.execute(db);
  await sql`insert into accounts (id, created_at) select id, created_at from devices where account = id`.execute(db);
  await schema.createIndex('devices_by_account').on('devices').column('account').execute();
  await schema
    .createTable('invitations')
    .addColumn('grant_hash', bytes, (column) => column.primaryKey().notNull())
    .addColumn('created_by', bytes)
    .addColumn('joins', bytes)
    .addColumn('uses_left', integer, (column) => column.notNull())
    .addColumn('created_at', integer, (column) => column.notNull())
    .addColumn('expires_at', integer, (column) => column.notNull())
    .execute();
  await schema
    .createTable('sign_ins')
    .addColumn('state_hash', bytes, (column) => column.primaryKey().notNull())
    .addColumn('cookie_hash', bytes, (column) => column.notNull())
    .addColumn('verifier', text, (column) => column.notNull())
    .addColumn('signing_key', bytes, (column) => column.notNull())
    .addColumn('agreement_key', bytes, (column) => column.notNull())
    .addColumn('back', text, (column) => column.notNull())
    .addColumn('expires_at', integer, (column) => column.notNull())
    .execute();
  await schema
    .createTable('rendezvous')
    .addColumn('id', bytes, (column) => column.primaryKey().notNull())
    .addColumn('opened_by', bytes, (column) => column.notNull())
    .addColumn('admitted', bytes)
    .addColumn('nameplate', integer, (column) => column.unique())
    .addColumn('bytes', integer, (column) => column.notNull())
    .addColumn('expires_at', integer, (column) => column.notNull())
    .execute();
  await schema
    .createTable('rendezvous_messages')
    .addColumn('rendezvous', bytes, (column) => column.notNull())
    .addColumn('sender', bytes, (column) => column.notNull())
    .addColumn('seqno', integer, (column) => column.notNull())
    .addColumn('msg', bytes, (column) => column.notNull())
    .addPrimaryKeyConstraint('rendezvous_messages_key', ['rendezvous', 'sender', 'seqno'])
    .execute();
  await schema
    .createTable('push_registrations')
    .addColumn('device', bytes, (column) => column.primaryKey().notNull())
    .addColumn('endpoint', text, (column) => column.notNull())
    .addColumn('p256dh', bytes, (column) => column.notNull())
    .addColumn('auth', bytes, (column) => column.notNull())
    .addColumn('created_at', integer, (column) => column.notNull())
    .execute();
  // `row` is the order of arrival; SQLite's integer primary keys count by themselves, PostgreSQL has to be told to.
  await schema
    .createTable('mail')
    .addColumn('row', integer === 'integer' ? 'integer' : 'bigserial', (column) => column.primaryKey())
    .addColumn('recipient', bytes, (column) => column.notNull())
    .addColumn('sender', bytes, (column) => column.notNull())
    .addColumn('number', integer, (column) => column.notNull())
    .addColumn('frame', bytes, (column) => column.notNull())
    .addColumn('expires_at', integer, (column) => column.notNull())
    .addUniqueConstraint('mail_once', ['recipient', 'sender', 'number'])
    .execute();
  await schema
    .createTable('secrets')
    .addColumn('name', text, (column) => column.primaryKey().notNull())
    .addColumn('value', bytes, (column) => column.notNull())
    .execute();
};
