import type { AgreementPublicKey, SigningPublicKey } from './brand.ts';
import { ascii, concat } from './bytes.ts';

/** How many bytes of the hash of {@link deviceIdPreimage} make a `DeviceId`. */
export const DEVICE_ID_BYTES = 16;

const PREFIX = concat(ascii('palmkey/device/1'), Uint8Array.of(7), ascii('ed25519'), Uint8Array.of(0, 32));
const MIDDLE = concat(Uint8Array.of(6), ascii('x25519'), Uint8Array.of(0, 32));

/** What a device's id is the SHA-256 of, cut to 16 bytes (spec/devices.md, "Device id"); 99 bytes. */
export function deviceIdPreimage(signing: SigningPublicKey, agreement: AgreementPublicKey): Uint8Array<ArrayBuffer> {
  return concat(PREFIX, signing, MIDDLE, agreement);
}
