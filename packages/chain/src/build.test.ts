import { expect, it } from 'vitest';
import { parseAgreementPublicKey, parseDeviceId, parseSigningPublicKey } from '@palmkey/envelope';
import { eldestLink, linkJson } from './build.ts';
import { parseFactsHash } from './link.ts';

it('eldestLink takes of a per-user key with a seed nothing but its public keys', () => {
  const fill = (value: number) => new Uint8Array(32).fill(value);
  const keys = (value: number) => ({
    agreementKey: parseAgreementPublicKey(fill(value)),
    signingKey: parseSigningPublicKey(fill(value + 1)),
  });
  const device = { ...keys(1), facts: parseFactsHash(fill(3)), id: parseDeviceId(new Uint8Array(16)) };
  const withSeed = { ...keys(5), seed: fill(0xaa), symmetricKey: fill(0xab) };
  expect(linkJson(eldestLink(0, device, withSeed))).toEqual(linkJson(eldestLink(0, device, keys(5))));
});
