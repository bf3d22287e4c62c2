import type { Migration } from '../column-types.ts';
/** The devices that the relay knows. */
export declare const devices: Migration;
