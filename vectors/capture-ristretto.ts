/**
 * Captures what the C library libsodium makes of CPace's elements and of scrypt, for vectors/generate-cpace.ts and
 * vectors/generate-provisioning.ts: its JavaScript build has neither. Run by hand; it needs python3 and libsodium.so.23:
 * `node --import tsx vectors/capture-ristretto.ts`.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { toHex } from '@palmkey/envelope';
import { generatorString } from '../packages/core/src/crypto/cpace.ts';
import { fixedBytes } from '../packages/core/src/testing/fixed-keys.ts';

const LIBSODIUM = `
import ctypes, json, sys
sodium = ctypes.CDLL('libsodium.so.23')
assert sodium.sodium_init() >= 0
def out(n): return ctypes.create_string_buffer(n)
def from_hash(h):
    p = out(32)
    assert sodium.crypto_core_ristretto255_from_hash(p, bytes.fromhex(h)) == 0
    return p.raw
def multiply(s, p):
    q = out(32)
    assert sodium.crypto_scalarmult_ristretto255(q, s, p) == 0
    return q.raw
ll = sodium.crypto_pwhash_scryptsalsa208sha256_ll
ll.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint64, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_char_p, ctypes.c_size_t]
def scrypt(password, salt, cost):
    key = out(32)
    assert ll(password, len(password), salt, len(salt), cost, 8, 1, key, 32) == 0
    return key.raw
asked = json.load(sys.stdin)
elements = []
for hash, scalar, peer in asked['elements']:
    g = from_hash(hash)
    p = from_hash(peer)
    s = bytes.fromhex(scalar)
    elements.append([g.hex(), multiply(s, g).hex(), p.hex(), multiply(s, p).hex()])
keys = [scrypt(w.encode(), bytes.fromhex(salt), cost).hex() for w, salt, cost in asked['words']]
print(json.dumps({'elements': elements, 'keys': keys}))
`;

const cases = Array.from({ length: 8 }, (_, i) => {
  const [secret, channel, sessionId] = ['prs', 'ci', 'sid'].map((part) =>
    fixedBytes(`cpace ${part} ${i}`).slice(0, 4 * i + 1),
  ) as [Uint8Array, Uint8Array, Uint8Array];
  // 252 bits: below the order, as the draft's sample_scalar has it.
  const scalar = fixedBytes(`cpace scalar ${i}`);
  scalar[31] = (scalar[31] ?? 0) & 0x0f;
  const peer = fixedBytes(`cpace peer ${i}`);
  return { secret, channel, sessionId, scalar, peer };
});
const sha512 = (bytes: Uint8Array) => createHash('sha512').update(bytes).digest('hex');
const words = [
  ['abandon ability able about above absent absorb abstract', '', 2 ** 17],
  ['abandon ability able about above absent absorb abstract four', '', 2 ** 10],
  [
    'abandon ability able about above absent absorb abstract absurd',
    toHex(fixedBytes('account').slice(0, 16)),
    2 ** 10,
  ],
];

const answer = JSON.parse(
  execFileSync('python3', ['-c', LIBSODIUM], {
    input: JSON.stringify({
      elements: cases.map((each) => [sha512(generatorString(each)), toHex(each.scalar), sha512(each.peer)]),
      words,
    }),
    encoding: 'utf8',
  }),
) as { elements: [string, string, string, string][]; keys: string[] };

const write = (name: string, value: unknown) =>
  writeFileSync(new URL(`fixtures/${name}.json`, import.meta.url), `${JSON.stringify(value, null, 2)}\n`);
write(
  'ristretto',
  cases.map(({ secret, channel, sessionId, scalar }, i) => {
    const [generator, share, peer, k] = answer.elements[i]!;
    return {
      prs: toHex(secret),
      ci: toHex(channel),
      sid: toHex(sessionId),
      generator,
      scalar: toHex(scalar),
      share,
      peer,
      k,
    };
  }),
);
write(
  'scrypt',
  words.map(([text, salt, cost], i) => ({ words: text, salt, cost, stretched: answer.keys[i] })),
);
