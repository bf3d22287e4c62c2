/** The push services that a relay speaks to. */
export declare class PushServices {
    #private;
    /** `added`: further services, as `host`, `host:port` or `*.host`. Throws `TypeError` for one that is none of these. */
    constructor(added?: readonly string[]);
    /** The address of an endpoint at one of the services; null for any other, and for what is not plain `https:`. */
    find(endpoint: string): URL | null;
}
