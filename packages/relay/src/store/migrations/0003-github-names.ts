import type { Migration } from '../column-types.ts';

/** The numbers of the accounts that the operator's logins and organisations stood for when they were first met. */
export const githubNames: Migration = async ({ schema }, { integer, text }) => {
  await schema
    .createTable('github_names')
    .addColumn('kind', text, (column) => column.notNull())
    .addColumn('name', text, (column) => column.notNull())
    .addColumn('number', integer, (column) => column.notNull())
    .addColumn('pinned_at', integer, (column) => column.notNull())
    .addPrimaryKeyConstraint('github_names_key', ['kind', 'name'])
    .execute();
};
