import type { Biometric } from './ports.ts';
import { COSE_EDDSA, COSE_ES256, COSE_RS256 } from './lock/biometric.ts';

const TIMEOUT_MS = 60_000;
const ALGORITHMS = [COSE_ES256, COSE_EDDSA, COSE_RS256];

/** The browser's platform authenticator (https://www.w3.org/TR/webauthn-3/), with the person verified each time. */
export const webBiometric: Biometric = {
  create: async () => {
    const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
    const credential = await navigator.credentials.create({
      publicKey: {
        rp: { name: 'Palmkey' },
        user: { id: random(16), name: 'app lock', displayName: 'Palmkey app lock' },
        challenge: random(32),
        pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
        authenticatorSelection: {
          authenticatorAttachment: 'platform',
          userVerification: 'required',
          residentKey: 'discouraged',
        },
        attestation: 'none',
        timeout: TIMEOUT_MS,
      },
    });
    if (!(credential instanceof PublicKeyCredential)) throw new TypeError('no credential');
    const { response } = credential;
    if (!(response instanceof AuthenticatorAttestationResponse)) throw new TypeError('no attestation');
    const publicKey = response.getPublicKey();
    if (publicKey === null) throw new TypeError('a key of an unknown kind');
    return {
      credentialId: new Uint8Array(credential.rawId),
      publicKey: new Uint8Array(publicKey),
      algorithm: response.getPublicKeyAlgorithm(),
    };
  },
  ask: async (credentialId, challenge) => {
    const credential = await navigator.credentials.get({
      publicKey: {
        challenge: new Uint8Array(challenge),
        allowCredentials: [{ type: 'public-key', id: new Uint8Array(credentialId), transports: ['internal'] }],
        userVerification: 'required',
        timeout: TIMEOUT_MS,
      },
    });
    if (!(credential instanceof PublicKeyCredential)) throw new TypeError('no credential');
    const { response } = credential;
    if (!(response instanceof AuthenticatorAssertionResponse)) throw new TypeError('no assertion');
    return {
      authenticatorData: new Uint8Array(response.authenticatorData),
      clientData: new Uint8Array(response.clientDataJSON),
      signature: new Uint8Array(response.signature),
    };
  },
};
