/** Lower-case hexadecimal text of an id or hash; used as a React key and in routes. */
export type HexId = string;
