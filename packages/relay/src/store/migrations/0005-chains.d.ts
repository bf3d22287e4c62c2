import type { Migration } from '../column-types.ts';
/** Account chains, what is kept beside them, and the grants by which devices join them. */
export declare const chains: Migration;
