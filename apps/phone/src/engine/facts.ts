import { authorizedKeysLine } from '@palmkey/core/ssh';
import { toBase64Url } from '@palmkey/envelope';
import type { PhoneState } from './phone-state.ts';

/**
 * Everything a person made that can leave the browser, as readable JSON: computers, public keys, pins, history. Bytes
 * are base64url without padding, keys in OpenSSH's own form, times ms since 1970 UTC.
 */
export function factsOf(state: PhoneState, exportedAt: number): string {
  const facts = {
    palmkey: 1,
    exportedAt,
    device: state.deviceName,
    keys: state.keys.map(({ name, createdAt, authorizedKeysLine: publicKey }) => ({ name, createdAt, publicKey })),
    computers: [...state.pairings.values()].map((row) => ({
      id: row.id,
      name: state.computerName(row.id),
      relay: row.relay,
      pairedAt: row.pairedAt,
      signingKey: toBase64Url(row.signingKey),
      agreementKey: toBase64Url(row.agreementKey),
      transcript: row.transcript && toBase64Url(row.transcript),
      phoneSignature: row.phoneSignature && toBase64Url(row.phoneSignature),
      hostSignature: row.hostSignature && toBase64Url(row.hostSignature),
    })),
    pins: [...state.pins.values()].map(({ name, port, pinnedAt, hostKey, computers }) => ({
      name,
      port,
      pinnedAt,
      hostKey: authorizedKeysLine(hostKey, ''),
      computers: computers.map((id) => state.computerName(id)),
    })),
    history: state.history.map(({ id: _id, ...line }) => line),
  };
  return JSON.stringify(facts, null, 2);
}
