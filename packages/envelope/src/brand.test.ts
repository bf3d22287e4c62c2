import { expect, test } from 'vitest';
import * as brand from './brand.ts';
import { deviceIdPreimage } from './device-id.ts';
import { signedBytes } from './signed-bytes.ts';

const lengths = [
  [brand.parseDeviceId, 16],
  [brand.parseSigningPublicKey, 32],
  [brand.parseAgreementPublicKey, 32],
  [brand.parseSignature, 64],
  [brand.parseRendezvousId, 32],
  [brand.parseRendezvousSender, 16],
  [brand.parseConnectNonce, 32],
] as const;

test.each(lengths)('%o takes its length and neither less nor more', (parse, length) => {
  const bytes = new Uint8Array(length);
  expect(parse(bytes)).toBe(bytes);
  for (const other of [0, length - 1, length + 1]) {
    expect(() => parse(new Uint8Array(other))).toThrow(expect.objectContaining({ code: 'bad-bytes' }));
  }
});

test("a device's id is made of both keys with their names and lengths", () => {
  const signing = brand.parseSigningPublicKey(new Uint8Array(32).fill(1));
  const agreement = brand.parseAgreementPublicKey(new Uint8Array(32).fill(2));
  const expected = Uint8Array.of(
    ...new TextEncoder().encode('palmkey/device/1\x07ed25519\x00\x20'),
    ...signing,
    ...new TextEncoder().encode('\x06x25519\x00\x20'),
    ...agreement,
  );
  expect(deviceIdPreimage(signing, agreement)).toEqual(expected);
});

test('what is signed begins with its context', () => {
  const bytes = signedBytes('pairing-phone', Uint8Array.of(0xff));
  expect(String.fromCharCode(...bytes)).toBe('palmkey/pairing-phone/1\0\xff');
});
