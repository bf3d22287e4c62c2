import type { AccountId } from '@palmkey/envelope';
import type { Seat } from './seat.ts';
import type { TokenBucket } from './token-bucket.ts';
/** The devices of one account that are connected here, and what they share. */
export declare class Household {
    readonly account: AccountId;
    readonly bucket: TokenBucket;
    /** Few: an account has a handful of devices. */
    readonly seats: Seat[];
    constructor(account: AccountId, bucket: TokenBucket);
}
