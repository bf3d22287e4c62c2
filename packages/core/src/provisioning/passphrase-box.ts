import type { AgreementPublicKey } from '@palmkey/envelope';
import { concat, parseAgreementPublicKey } from '@palmkey/envelope';
import {
  encodePassphraseStream,
  PassphraseError,
  parsePassphraseStream,
  type PassphraseStream,
} from '../account/index.ts';
import { boxKey, type KeyAgreement, openBox, OpenError, type Primitives, sealBox } from '../crypto/index.ts';
import { PASSPHRASE_BOX_BYTES } from './wire.ts';

const KEY_BYTES = 32;

/**
 * Boxes a passphrase stream with its salt and generation to Y's new key, from a key for this once:
 * `ephemeral public key (32) ‖ box`.
 */
export async function sealPassphraseStream(
  primitives: Primitives,
  recipient: AgreementPublicKey,
  stream: PassphraseStream,
): Promise<Uint8Array<ArrayBuffer>> {
  const ephemeral = await primitives.generateAgreement();
  const key = boxKey(await ephemeral.sharedSecret(recipient));
  const carried = encodePassphraseStream(stream);
  const boxed = sealBox(key, primitives.randomBytes(24), carried);
  carried.fill(0);
  return concat(ephemeral.publicKey, boxed);
}

/** Opens what {@link sealPassphraseStream} made; throws {@link OpenError}, also where it is no stream. */
export async function openPassphraseStream(agreement: KeyAgreement, sealed: Uint8Array): Promise<PassphraseStream> {
  if (sealed.length !== PASSPHRASE_BOX_BYTES) throw new OpenError('does not open');
  const ephemeral = parseAgreementPublicKey(sealed.slice(0, KEY_BYTES));
  const carried = openBox(boxKey(await agreement.sharedSecret(ephemeral)), sealed.subarray(KEY_BYTES));
  try {
    return parsePassphraseStream(carried);
  } catch (cause) {
    if (cause instanceof PassphraseError) throw new OpenError('does not open', { cause });
    throw cause;
  } finally {
    carried.fill(0);
  }
}
