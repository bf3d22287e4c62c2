/** The prime of the field, 2^255 − 19 (RFC 8032 §5.1). */
const P = 2n ** 255n - 19n;
/** The order of the base point (RFC 8032 §5.1). */
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
/** A y-coordinate of the points of order 8; the other is its negative. */
const Y_OF_ORDER_8 = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n;
/**
 * The y-coordinates of the eight points of order 1, 2, 4 and 8. No other point shares one of them, and 1 and −1 are
 * the only ones with x = 0, so this set also holds every encoding of x = 0 with the sign bit set.
 */
const SMALL_ORDER_Y: ReadonlySet<bigint> = new Set([0n, 1n, P - 1n, Y_OF_ORDER_8, P - Y_OF_ORDER_8]);

/**
 * Whether key and signature have the one form that every Ed25519 library judges alike (spec/devices.md, "Signatures
 * that everybody judges alike"); to be asked before any library's `verify`.
 *
 * False for a key that is not 32 bytes, a signature that is not 64, an S not below the group order, and an A or R
 * that is not canonical or is of small order.
 */
export function isWellFormedSignature(publicKey: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  if (littleEndian(signature.subarray(32)) >= L) return false;
  return isWellFormedPoint(publicKey) && isWellFormedPoint(signature.subarray(0, 32));
}

function isWellFormedPoint(point: Uint8Array): boolean {
  const y = littleEndian(point) & (2n ** 255n - 1n);
  return y < P && !SMALL_ORDER_Y.has(y);
}

function littleEndian(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let value = 0n;
  for (let offset = bytes.length - 8; offset >= 0; offset -= 8)
    value = (value << 64n) | view.getBigUint64(offset, true);
  return value;
}
