import type { AgreementPublicKey, RendezvousId } from '@palmkey/envelope';
import {
  ascii,
  concat,
  fromBase64Url,
  parseAgreementPublicKey,
  parseRendezvousId,
  toBase64Url,
} from '@palmkey/envelope';
import { sha256 } from '../crypto/index.ts';
import type { DeviceName } from '../devices/index.ts';
import { parseDeviceName } from '../devices/index.ts';
import { PairingError } from './errors.ts';
import { isOrigin } from './origin.ts';

/** How long a link is valid, by the host's clock, ms. */
export const LINK_LIFETIME_MS = 10 * 60_000;

const VERSION = 1;
const FIXED_BYTES = 1 + 32;
/** Longer than any link: what is pasted is refused before it is decoded. */
const MAX_URL_CHARACTERS = 2048;

/** All that a host shows to a phone that it has not met: a public key, where to meet, and a name. */
export interface PairingLink {
  /** An `http:` or `https:` URL origin. */
  readonly relay: string;
  /** `c_pub`, made for this pairing only. */
  readonly sessionKey: AgreementPublicKey;
  readonly hostName: DeviceName;
}

/**
 * `u8 1 ‖ c_pub (32) ‖ u8 n ‖ relay ‖ u8 m ‖ host name` (spec/pairing.md, "The link"): these four fields, each named
 * here, and nothing else that a link object may carry. Throws {@link PairingError} `bad-link` for a relay that is no origin.
 */
export function encodePairingLink(link: PairingLink): Uint8Array<ArrayBuffer> {
  if (!isOrigin(link.relay)) throw new PairingError('bad-link');
  const relay = ascii(link.relay);
  const hostName = new TextEncoder().encode(link.hostName);
  const lengthOf = (bytes: Uint8Array) => Uint8Array.of(bytes.length);
  return concat(Uint8Array.of(VERSION), link.sessionKey, lengthOf(relay), relay, lengthOf(hostName), hostName);
}

/** Reads a link's payload; throws {@link PairingError}, `version` for another version and `bad-link` for all else. */
export function parsePairingLink(bytes: Uint8Array): PairingLink {
  if (bytes.length > 0 && bytes[0] !== VERSION) throw new PairingError('version');
  const relayEnd = FIXED_BYTES + 1 + (bytes[FIXED_BYTES] ?? 0);
  const nameEnd = relayEnd + 1 + (bytes[relayEnd] ?? 0);
  if (bytes.length !== nameEnd) throw new PairingError('bad-link');
  try {
    const link = {
      sessionKey: parseAgreementPublicKey(bytes.slice(1, FIXED_BYTES)),
      relay: decodeText(bytes.subarray(FIXED_BYTES + 1, relayEnd)),
      hostName: parseDeviceName(decodeText(bytes.subarray(relayEnd + 1))),
    };
    if (!isOrigin(link.relay)) throw new PairingError('bad-link');
    return link;
  } catch (cause) {
    throw new PairingError('bad-link', { cause });
  }
}

/** `<app>/pair#<payload>`, for a QR code or to be opened by hand. `app` is the app's URL origin. */
export function pairingUrl(app: string, link: PairingLink): string {
  return `${app.replace(/\/$/, '')}/pair#${toBase64Url(encodePairingLink(link))}`;
}

/** Reads what was scanned or pasted, white space around it allowed; throws as {@link parsePairingLink}. */
export function parsePairingUrl(text: string): PairingLink {
  const trimmed = text.trim();
  const payload =
    trimmed.length <= MAX_URL_CHARACTERS ? /^https?:\/\/[^\s#]+\/pair#([\w-]+)$/.exec(trimmed)?.[1] : undefined;
  if (payload === undefined) throw new PairingError('bad-link');
  let bytes: Uint8Array;
  try {
    bytes = fromBase64Url(payload);
  } catch (cause) {
    throw new PairingError('bad-link', { cause });
  }
  return parsePairingLink(bytes);
}

/** `SHA-256("palmkey/rendezvous/1" ‖ c_pub)`: where the two meet at the relay. */
export function rendezvousIdOf(sessionKey: AgreementPublicKey): RendezvousId {
  return parseRendezvousId(sha256(concat(ascii('palmkey/rendezvous/1'), sessionKey)));
}

function decodeText(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}
