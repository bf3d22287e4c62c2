import type { Migration } from '../column-types.ts';
/** The nonces over which a device signs before it is signed in for. */
export declare const signInNonces: Migration;
