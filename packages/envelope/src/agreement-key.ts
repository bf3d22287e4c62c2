/** The prime of the field, 2^255 − 19 (RFC 7748 §4.1). */
const P = 2n ** 255n - 19n;
/**
 * The u-coordinates of the points of order 1, 2, 4 and 8, on the curve and on its twist: what any private key agrees
 * with them on is zero (RFC 7748 §6.1).
 */
const SMALL_ORDER_U: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  P - 1n,
  325606250916557431795983626356110631294008115727848805560023387167927233504n,
  39382357235489614581723060781553021112529911719440698176882885853963445705823n,
]);

/**
 * Whether 32 bytes are an X25519 public key that agrees on something, as every library reads it: without the highest
 * bit, modulo the prime (RFC 7748 §5). Nothing can be boxed to one that does not (spec/account.md, "Types").
 */
export function isUsableAgreementKey(key: Uint8Array): boolean {
  if (key.length !== 32) return false;
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
  let u = 0n;
  for (let offset = 24; offset >= 0; offset -= 8) u = (u << 64n) | view.getBigUint64(offset, true);
  return !SMALL_ORDER_U.has((u & (2n ** 255n - 1n)) % P);
}
