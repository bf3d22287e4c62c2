import type { Migration } from '../column-types.ts';
/** The numbers of the accounts that the operator's logins and organisations stood for when they were first met. */
export declare const githubNames: Migration;
