import type { FastifyInstance } from 'fastify';
import { type Gauges } from '../metrics/exposition.ts';
import type { Meter } from '../metrics/meter.ts';
import type { WaitsFor } from '../readiness.ts';
/** What the routes of this file answer from. */
export interface StatusPorts {
    readonly meter: Meter;
    readonly gauges: Gauges;
    /** Asked at each request; never rejects. */
    readonly waitsFor: () => Promise<readonly WaitsFor[]>;
    /** Reads `/metrics` from beyond loopback; undefined: nobody does. */
    readonly metricsToken: string | undefined;
}
/** `GET /health`, `/ready` and `/metrics` (spec/relay.md, "Other HTTP"). */
export declare function statusRoutes(app: FastifyInstance, ports: StatusPorts): void;
