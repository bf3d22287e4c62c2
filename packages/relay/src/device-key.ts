import { toHex, type AccountId, type DeviceId } from '@palmkey/envelope';

/** An id as the key of a map: its 16 bytes, each a character. */
export function deviceKey(id: DeviceId | AccountId): string {
  return Buffer.from(id.buffer, id.byteOffset, 16).toString('latin1');
}

/** How a device is called in logs: the first 8 hexadecimal digits of its id. */
export function shortName(id: DeviceId): string {
  return toHex(id.subarray(0, 4));
}
