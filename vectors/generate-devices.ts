/** Vectors for spec/devices.md: `devices.json`. */
import { deviceIdPreimage } from '@palmkey/envelope';
import { fixedBytes, fixedDevice } from '../packages/core/src/testing/fixed-keys.ts';
import { writePage } from './page.ts';

const ids = await Promise.all(
  ['host', 'phone', 'other'].map(async (seed) => {
    const { id, signer, agreement } = await fixedDevice(seed);
    return {
      signingSeed: fixedBytes(`${seed} signing`),
      agreementPrivate: fixedBytes(`${seed} agreement`),
      signingKey: signer.publicKey,
      agreementKey: agreement.publicKey,
      preimage: deviceIdPreimage(signer.publicKey, agreement.publicKey),
      id,
    };
  }),
);

writePage('devices', {
  ids,
  names: ['a', 'Pixel 9', "Anna's laptop", 'Ärger', '手机', '🔑', 'x'.repeat(64), '🔑'.repeat(63)],
  invalidNames: [
    { name: 'nothing', text: '' },
    { name: '65 characters', text: 'x'.repeat(65) },
    { name: '64 characters of 256 bytes', text: '🔑'.repeat(64) },
    { name: 'a leading space', text: ' a' },
    { name: 'a trailing space', text: 'a ' },
    { name: 'a trailing no-break space', text: 'a\u00a0' },
    { name: 'a line feed', text: 'a\nb' },
    { name: 'an escape', text: 'a\u001bb' },
    { name: 'a C1 control', text: 'a\u0085b' },
    { name: 'a line separator', text: 'a\u2028b' },
    { name: 'a right-to-left override', text: 'a\u202eb' },
    { name: 'an isolate', text: 'a\u2066b' },
    { name: 'a right-to-left mark', text: 'a\u200fb' },
    { name: 'a byte order mark', text: '\ufeffa' },
  ].map((each) => ({ ...each, code: 'bad-name' })),
});
