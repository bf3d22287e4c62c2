import type { FastifyInstance } from 'fastify';
/** What a browser may do with the app: its own code and nothing else, but sockets to any relay that a link names. */
export declare function securityHeaders(app: FastifyInstance): Promise<void>;
