/** Whether a connection was not made because of TLS: nobody was spoken to, or somebody whose certificate is not good. */
export declare function isTlsFault(error: unknown, depth?: number): boolean;
