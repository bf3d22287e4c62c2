import {
  deviceIdPreimage,
  parseAgreementPublicKey,
  parseDeviceId,
  parseSignature,
  parseSigningPublicKey,
} from '@palmkey/envelope';
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { RelayDevice } from '../handshake.ts';

/** A device with new keys; its agreement key is only a name here. */
export function testDevice(): RelayDevice & { signingKey: RelayDevice['signer']['publicKey'] } {
  const pair = generateKeyPairSync('ed25519');
  const raw = pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const signingKey = parseSigningPublicKey(new Uint8Array(raw));
  const agreementPublicKey = parseAgreementPublicKey(new Uint8Array(randomBytes(32)));
  const hash = createHash('sha256').update(deviceIdPreimage(signingKey, agreementPublicKey)).digest();
  return {
    id: parseDeviceId(new Uint8Array(hash.subarray(0, 16))),
    signingKey,
    agreementPublicKey,
    signer: {
      publicKey: signingKey,
      sign: (message) => parseSignature(new Uint8Array(sign(null, message, pair.privateKey))),
    },
  };
}
