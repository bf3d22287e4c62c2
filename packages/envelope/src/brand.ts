import { BytesError } from './errors.ts';

/** A `T` that only its own parser makes, so that one kind of bytes cannot stand in for another. */
export type Brand<T, Name extends string> = T & { readonly __brand: Name };

/** 16 bytes that name a device and commit to both its keys (spec/devices.md, "Device id"). */
export type DeviceId = Brand<Uint8Array, 'DeviceId'>;
/** An Ed25519 public key, 32 bytes. */
export type SigningPublicKey = Brand<Uint8Array, 'SigningPublicKey'>;
/** An X25519 public key, 32 bytes. */
export type AgreementPublicKey = Brand<Uint8Array, 'AgreementPublicKey'>;
/** An Ed25519 signature, 64 bytes. */
export type Signature = Brand<Uint8Array, 'Signature'>;
/** The sealed inside of an envelope (spec/envelope.md, "Inside"): opaque to whoever is not among its recipients. */
export type SealedBody = Brand<Uint8Array, 'SealedBody'>;
/** 32 bytes that name a rendezvous; whoever holds one may be admitted by it once (spec/relay.md). */
export type RendezvousId = Brand<Uint8Array, 'RendezvousId'>;
/**
 * 32 bytes that let a device in which the relay does not know: the id of an open rendezvous, the hash of an invitation
 * code, or a chain-grant (spec/relay.md, "Admission").
 */
export type Grant = Brand<Uint8Array, 'RendezvousId'> | Brand<Uint8Array, 'InvitationGrant'>;
/** 16 bytes that name an account: a relay's own by the device that began it, a chain's by its eldest link. */
export type AccountId = Brand<Uint8Array, 'AccountId'>;
/** 16 random bytes that name one side of a rendezvous. */
export type RendezvousSender = Brand<Uint8Array, 'RendezvousSender'>;
/** 32 random bytes that make a connection's authentication fresh. */
export type ConnectNonce = Brand<Uint8Array, 'ConnectNonce'>;

/** Takes 16 bytes as a {@link DeviceId}; throws {@link BytesError} on another length. */
export function parseDeviceId(bytes: Uint8Array): DeviceId {
  return ofLength(bytes, 16, 'device id') as DeviceId;
}

/** Takes 32 bytes as a {@link SigningPublicKey}; throws {@link BytesError} on another length. */
export function parseSigningPublicKey(bytes: Uint8Array): SigningPublicKey {
  return ofLength(bytes, 32, 'signing public key') as SigningPublicKey;
}

/** Takes 32 bytes as an {@link AgreementPublicKey}; throws {@link BytesError} on another length. */
export function parseAgreementPublicKey(bytes: Uint8Array): AgreementPublicKey {
  return ofLength(bytes, 32, 'agreement public key') as AgreementPublicKey;
}

/** Takes 64 bytes as a {@link Signature}; throws {@link BytesError} on another length. Its form is judged elsewhere. */
export function parseSignature(bytes: Uint8Array): Signature {
  return ofLength(bytes, 64, 'signature') as Signature;
}

/** Takes 32 bytes as a {@link RendezvousId}; throws {@link BytesError} on another length. */
export function parseRendezvousId(bytes: Uint8Array): RendezvousId {
  return ofLength(bytes, 32, 'rendezvous id') as RendezvousId;
}

/** Takes 32 bytes as a {@link Grant}; throws {@link BytesError} on another length. */
export function parseGrant(bytes: Uint8Array): Grant {
  return ofLength(bytes, 32, 'grant') as Grant;
}

/** Takes 16 bytes as an {@link AccountId}; throws {@link BytesError} on another length. */
export function parseAccountId(bytes: Uint8Array): AccountId {
  return ofLength(bytes, 16, 'account id') as AccountId;
}

/** Takes 16 bytes as a {@link RendezvousSender}; throws {@link BytesError} on another length. */
export function parseRendezvousSender(bytes: Uint8Array): RendezvousSender {
  return ofLength(bytes, 16, 'rendezvous sender') as RendezvousSender;
}

/** Takes 32 bytes as a {@link ConnectNonce}; throws {@link BytesError} on another length. */
export function parseConnectNonce(bytes: Uint8Array): ConnectNonce {
  return ofLength(bytes, 32, 'nonce') as ConnectNonce;
}

/** Names bytes as a {@link SealedBody}. Nothing is checked: that is what opening is for. */
export function sealedBody(bytes: Uint8Array): SealedBody {
  return bytes as SealedBody;
}

function ofLength(bytes: Uint8Array, length: number, what: string): Uint8Array {
  if (bytes.length !== length) throw new BytesError(`a ${what} has ${length} bytes, not ${bytes.length}`);
  return bytes;
}
