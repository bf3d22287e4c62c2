import type { Migration } from '../column-types.ts';
/** Accounts, invitations, sign-ins, rendezvous, push registrations, durable mail, the relay's own keys. */
export declare const accountsAndMail: Migration;
