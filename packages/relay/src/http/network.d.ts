/**
 * What counts as one address where requests are counted: an IPv4 address, or the 64 bits that a network of IPv6 has,
 * since whoever has one such address has all of its network (RFC 6177). Anything else stands for itself.
 */
export declare function networkOf(address: string): string;
