import type { AgreementPublicKey } from '@palmkey/envelope';
import { concat, parseAgreementPublicKey } from '@palmkey/envelope';
import { boxKey, type KeyAgreement, openBox, OpenError, type Primitives, sealBox } from '../crypto/index.ts';
import { PASSPHRASE_BOX_BYTES } from './wire.ts';

const STREAM_BYTES = 128;
const KEY_BYTES = 32;

/** Boxes a passphrase stream (128) to Y's new key, from a key for this once: `ephemeral public key (32) ‖ box`. */
export async function sealPassphraseStream(
  primitives: Primitives,
  recipient: AgreementPublicKey,
  stream: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  if (stream.length !== STREAM_BYTES) throw new RangeError('a passphrase stream has 128 bytes');
  const ephemeral = await primitives.generateAgreement();
  const key = boxKey(await ephemeral.sharedSecret(recipient));
  return concat(ephemeral.publicKey, sealBox(key, primitives.randomBytes(24), stream));
}

/** Opens what {@link sealPassphraseStream} made; throws {@link OpenError}. */
export async function openPassphraseStream(agreement: KeyAgreement, sealed: Uint8Array): Promise<Uint8Array> {
  if (sealed.length !== PASSPHRASE_BOX_BYTES) throw new OpenError('does not open');
  const ephemeral = parseAgreementPublicKey(sealed.slice(0, KEY_BYTES));
  return openBox(boxKey(await agreement.sharedSecret(ephemeral)), sealed.subarray(KEY_BYTES));
}
