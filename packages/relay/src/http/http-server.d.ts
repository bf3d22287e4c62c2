import { type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { RendezvousHall } from '../rendezvous.ts';
import { type RelayFacts } from './facts-route.ts';
import { type GithubRoutesPorts } from './github-routes.ts';
import { type ChainReader } from './chain-routes.ts';
import type { LineHall } from './line-hall.ts';
import { type StatusPorts } from './status-routes.ts';
/** What the HTTP side of a relay needs. */
interface HttpPorts {
    readonly hall: RendezvousHall;
    readonly chains: ChainReader;
    /** Messages that one address may leave at rendezvous in a minute. */
    readonly postsPerMinute: number;
    readonly lines: LineHall;
    readonly status: StatusPorts;
    readonly facts: RelayFacts;
    /** Null where nobody signs in with GitHub. */
    readonly github: GithubRoutesPorts | null;
    readonly logger: Logger;
    readonly appDir: string | undefined;
    /** Whether the address of a request is the one that a proxy in front of the relay names. */
    readonly trustProxy: boolean;
    /** Whether the relay goes down: a connection that is kept for more requests would be waited for. */
    readonly isDraining: () => boolean;
}
/** All that the relay answers over HTTP; it does not listen yet. Throws `RelayStartError` `no-app`. */
export declare function buildHttpServer(ports: HttpPorts): Promise<FastifyInstance>;
export {};
