import type { AgreementPublicKey, DeviceId, SigningPublicKey } from '@palmkey/envelope';
import { DEVICE_ID_BYTES, deviceIdPreimage, parseDeviceId } from '@palmkey/envelope';
import type { KeyAgreement, Signer } from '../crypto/index.ts';
import { sha256 } from '../crypto/index.ts';
import type { DeviceName } from './device-name.ts';

/** What a device may do: a host asks, a phone decides (spec/devices.md, "Roles"). */
export type Role = 'asks' | 'decides';

/** This installation: its id and the use of its private keys. */
export interface DeviceKeys {
  readonly id: DeviceId;
  readonly signer: Signer;
  readonly agreement: KeyAgreement;
}

/** A device as others know it. `id` commits to both keys: made only by {@link publicDevice}. */
export interface PublicDevice {
  readonly id: DeviceId;
  readonly signingKey: SigningPublicKey;
  readonly agreementKey: AgreementPublicKey;
}

/** A device that this one is paired with. */
export interface Peer extends PublicDevice {
  readonly name: DeviceName;
  readonly role: Role;
}

/** Port: the one answer to who is a valid peer, with which keys and in which role. */
export interface PeerDirectory {
  /** Undefined for every device that is not, or no longer, a peer. */
  find(id: DeviceId): Peer | undefined;
}

/** The 16 bytes that name the device with these keys (spec/devices.md, "Device id"). */
export function deviceIdOf(signing: SigningPublicKey, agreement: AgreementPublicKey): DeviceId {
  return parseDeviceId(sha256(deviceIdPreimage(signing, agreement)).slice(0, DEVICE_ID_BYTES));
}

/** This device, from the use of its two private keys. */
export function deviceKeys(signer: Signer, agreement: KeyAgreement): DeviceKeys {
  return { id: deviceIdOf(signer.publicKey, agreement.publicKey), signer, agreement };
}

/** A device from its two public keys. */
export function publicDevice(signingKey: SigningPublicKey, agreementKey: AgreementPublicKey): PublicDevice {
  return { id: deviceIdOf(signingKey, agreementKey), signingKey, agreementKey };
}
