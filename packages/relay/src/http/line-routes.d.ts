import type { FastifyInstance } from 'fastify';
import type { LineHall } from './line-hall.ts';
/** Lines: beginning, feeding, fetching and ending them (spec/relay.md, "lines"). */
export declare function lineRoutes(app: FastifyInstance, hall: LineHall): void;
