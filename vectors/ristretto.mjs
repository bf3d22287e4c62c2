/**
 * The group ristretto255 by RFC 9496 alone, for the readers: with big integers, in no constant time, and sharing no
 * line with the packages. An element is its four coordinates [X, Y, Z, T] on the curve.
 */
const P = 2n ** 255n - 19n;
const mod = (value) => ((value % P) + P) % P;
function power(base, exponent) {
  let [result, square] = [1n, mod(base)];
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}
const isNegative = (value) => (mod(value) & 1n) === 1n;
const absolute = (value) => (isNegative(value) ? mod(-value) : mod(value));

// RFC 9496, 4.1.
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;
const SQRT_M1 = 19681161376707505956807079304988542015446066515923890162744021073123829784752n;
const SQRT_AD_MINUS_ONE = 25063068953384623474111414158702152701244531502492656460079210482610430750235n;
const INVSQRT_A_MINUS_D = 54469307008909316920995813868745141605393597292927456921205312896311721017578n;
const ONE_MINUS_D_SQ = 1159843021668779879193775521855586647937357759715417654439879720876111806838n;
const D_MINUS_ONE_SQ = 40440834346308536858101042469323190826248399146238708352240133220865137265952n;

/** SQRT_RATIO_M1 (4.2): whether u/v is a square, and the root of it or of i·u/v that is not negative. */
function rootOfRatio(u, v) {
  const root = mod(u * v ** 3n * power(u * v ** 7n, (P - 5n) / 8n));
  const check = mod(v * root * root);
  const isFlipped = check === mod(-u);
  const isOther = isFlipped || check === mod(-u * SQRT_M1);
  return { isSquare: check === mod(u) || isFlipped, root: absolute(isOther ? root * SQRT_M1 : root) };
}

/** A number of little-endian bytes. */
export const littleEndian = (bytes) => BigInt(`0x0${Buffer.from(bytes).reverse().toString('hex')}`);

/** The neutral element. */
const NEUTRAL = [0n, 1n, 1n, 0n];

/** The element of 32 bytes (4.3.1), or null where they are no canonical encoding of one. */
export function decode(bytes) {
  const s = littleEndian(bytes);
  if (bytes.length !== 32 || s >= P || isNegative(s)) return null;
  const [u1, u2] = [mod(1n - s * s), mod(1n + s * s)];
  const v = mod(-D * u1 * u1 - u2 * u2);
  const { isSquare, root } = rootOfRatio(1n, mod(v * u2 * u2));
  const denX = mod(root * u2);
  const x = absolute(2n * s * denX);
  const y = mod(u1 * root * denX * v);
  const t = mod(x * y);
  return !isSquare || isNegative(t) || y === 0n ? null : [x, y, 1n, t];
}

/** The 32 bytes of an element (4.3.2). */
export function encode([x, y, z, t]) {
  const [u1, u2] = [mod((z + y) * (z - y)), mod(x * y)];
  const { root } = rootOfRatio(1n, mod(u1 * u2 * u2));
  const [den1, den2] = [mod(root * u1), mod(root * u2)];
  const zInverse = mod(den1 * den2 * t);
  const isTurned = isNegative(t * zInverse);
  const [x2, y2] = isTurned ? [mod(y * SQRT_M1), mod(x * SQRT_M1)] : [x, y];
  const den = isTurned ? mod(den1 * INVSQRT_A_MINUS_D) : den2;
  const s = absolute(den * (z - (isNegative(x2 * zInverse) ? -y2 : y2)));
  return Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse();
}

/** The element of 64 uniform bytes (4.3.4). */
export function derive(bytes) {
  const half = (from) => littleEndian(bytes.subarray(from, from + 32)) % 2n ** 255n;
  return add(map(half(0)), map(half(32)));
}

function map(t) {
  const r = mod(SQRT_M1 * t * t);
  const v = mod((-1n - r * D) * (r + D));
  const { isSquare, root } = rootOfRatio(mod((r + 1n) * ONE_MINUS_D_SQ), v);
  const s = isSquare ? root : mod(-absolute(root * t));
  const n = mod((isSquare ? -1n : r) * (r - 1n) * D_MINUS_ONE_SQ - v);
  const [w0, w1, w2, w3] = [2n * s * v, n * SQRT_AD_MINUS_ONE, 1n - s * s, 1n + s * s].map(mod);
  return [w0 * w3, w2 * w1, w1 * w3, w0 * w2].map(mod);
}

/** The sum of two elements: the curve's complete addition. */
function add([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const [a, b] = [mod((y1 - x1) * (y2 - x2)), mod((y1 + x1) * (y2 + x2))];
  const [c, d] = [mod(2n * D * t1 * t2), mod(2n * z1 * z2)];
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return [e * f, g * h, f * g, e * h].map(mod);
}

/** So many times an element. */
export function multiply(scalar, element) {
  let [sum, doubled] = [NEUTRAL, element];
  for (let left = scalar; left > 0n; left >>= 1n) {
    if (left & 1n) sum = add(sum, doubled);
    doubled = add(doubled, doubled);
  }
  return sum;
}
