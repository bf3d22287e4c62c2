import { deviceIdPreimage, fromHex, parseAgreementPublicKey, parseSigningPublicKey, toHex } from '@palmkey/envelope';
import { describe, expect, it } from 'vitest';
import { readPage } from '../../../../vectors/page.ts';
import { fixedAgreement, fixedSigner } from '../testing/fixed-keys.ts';
import { platformSha256 } from '../testing/platform-sha256.ts';
import { deviceIdOf, deviceKeys, publicDevice } from './device.ts';
import { parseDeviceName } from './device-name.ts';

interface Page {
  ids: Record<'signingSeed' | 'agreementPrivate' | 'signingKey' | 'agreementKey' | 'preimage' | 'id', string>[];
  names: string[];
  invalidNames: { name: string; text: string; code: string }[];
}
const page = readPage('devices') as Page;

describe('vectors/devices.json', () => {
  it.each(page.ids)('gives $id', async (vector) => {
    const signing = parseSigningPublicKey(fromHex(vector.signingKey));
    const agreement = parseAgreementPublicKey(fromHex(vector.agreementKey));
    const hash = await platformSha256(fromHex(vector.preimage));
    expect(toHex(deviceIdPreimage(signing, agreement))).toBe(vector.preimage);
    expect(toHex(hash).slice(0, 32)).toBe(vector.id);
    expect(toHex(deviceIdOf(signing, agreement))).toBe(vector.id);
    expect(toHex(publicDevice(signing, agreement).id)).toBe(vector.id);
    const keys = deviceKeys(
      await fixedSigner(fromHex(vector.signingSeed)),
      await fixedAgreement(fromHex(vector.agreementPrivate)),
    );
    expect(toHex(keys.id)).toBe(vector.id);
  });

  it.each(page.names)('takes the name %j', (name) => {
    expect(parseDeviceName(name)).toBe(name);
  });

  it.each(page.invalidNames)('refuses $name', ({ text, code }) => {
    expect(() => parseDeviceName(text)).toThrow(expect.objectContaining({ code }));
  });
});
