import type { Meter } from './meter.ts';
/** What stands at the moment of a scrape. */
export interface Gauges {
    /** Open connections, those that are nobody's yet counted in. */
    connections(): number;
    /** Devices that are connected. */
    devices(): number;
    /** The memory that mail takes on this node; null where it is kept elsewhere. */
    mailBytes(): number | null;
    /** Whether this node hears the others; null where it is alone. */
    busConnected(): boolean | null;
}
/** The metrics of one relay, named as Prometheus recommends (https://prometheus.io/docs/practices/naming/). */
export declare class Exposition {
    #private;
    constructor(meter: Meter, gauges: Gauges);
    /** The media type of {@link text}. */
    get contentType(): string;
    /** All of it as Prometheus reads it. */
    text(): Promise<string>;
}
