/** Nothing is padded to less, so that all small messages look alike. */
export const PADDING_FLOOR_BYTES = 256;

/**
 * The padded length of `length` bytes: Padmé (Nikitin et al., *Reducing Metadata Leakage from Encrypted Files*, PETS
 * 2019, §4), which keeps O(log log n) bits of it at a cost below 12 %, with a floor of 256.
 */
export function paddedLength(length: number): number {
  if (length <= PADDING_FLOOR_BYTES) return PADDING_FLOOR_BYTES;
  const exponent = 31 - Math.clz32(length);
  const exponentBits = 32 - Math.clz32(exponent);
  const mask = 2 ** (exponent - exponentBits) - 1;
  return (length + mask) & ~mask;
}
