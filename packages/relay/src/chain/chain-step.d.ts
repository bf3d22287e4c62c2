/** What a post to a chain changes besides its links, and what has to come with it (spec/account.md, "At the relay"). */
import { type ChainDevice, type ChainState, type RevokedDevice } from '@palmkey/chain';
import { type ChainBoxHead } from '@palmkey/envelope';
/** A chain before and after a post; before is null where the post begins it. */
export interface ChainStep {
    readonly before: ChainState | null;
    readonly after: ChainState;
}
/** The devices that are active by the post. */
export declare function joined({ before, after }: ChainStep): readonly ChainDevice[];
/** The devices that are revoked by the post; some may not have been there before it. */
export declare function ended({ before, after }: ChainStep): readonly RevokedDevice[];
/** Whether the post has a new generation of the per-user key: then all boxes are new. */
export declare function renewsKey({ before, after }: ChainStep): boolean;
/**
 * Whether these are the boxes and previous seeds that the post needs, no more and no less: of the latest generation one
 * box for each member where that generation is new, else for each member that is; a seed for each generation that is new,
 * from 2 on.
 */
export declare function hasWhatItNeeds(step: ChainStep, boxes: readonly ChainBoxHead[], seedGenerations: readonly number[]): boolean;
