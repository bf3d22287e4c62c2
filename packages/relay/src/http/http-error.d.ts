import type { FastifyInstance } from 'fastify';
/** Answers what went wrong as `{"error", "message", "retryAfterMs"?}` (spec/relay.md, "Errors"). */
export declare function answerErrors(app: FastifyInstance): void;
