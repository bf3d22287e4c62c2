import { type AccountId, type ChainHead } from '@palmkey/envelope';
import type { FastifyInstance } from 'fastify';
/** Port: reads chains. Throws `RelayError` `no-chain`. */
export interface ChainReader {
    links(account: AccountId, after: number): Promise<{
        readonly head: ChainHead;
        readonly links: Uint8Array;
    }>;
}
/** Fetching a chain's links (spec/account.md, "At the relay"); whoever knows its id may, so many times a minute. */
export declare function chainRoutes(app: FastifyInstance, chains: ChainReader): Promise<void>;
