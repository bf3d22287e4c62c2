import type { FastifyInstance } from 'fastify';
import type { RendezvousHall } from '../rendezvous.ts';
/** Leaving and fetching messages at a rendezvous (spec/relay.md, "Rendezvous"); an address may leave so many a minute. */
export declare function rendezvousRoutes(app: FastifyInstance, hall: RendezvousHall, postsPerMinute: number): Promise<void>;
