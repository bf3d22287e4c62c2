import { concat, parseDeviceId, type DeviceId } from '@palmkey/envelope';

/** That mail was not read within its lifetime. */
export interface ExpiredWord {
  readonly from: DeviceId;
  readonly to: DeviceId;
  readonly number: number;
}

/** `sender (16) ‖ recipient (16) ‖ u64 number`, said to all nodes: whichever has the sender tells it. */
export function encodeExpired({ from, to, number }: ExpiredWord): Uint8Array {
  const counter = new Uint8Array(8);
  new DataView(counter.buffer).setBigUint64(0, BigInt(number));
  return concat(from, to, counter);
}

/** Null for bytes that are none. */
export function parseExpired(bytes: Uint8Array): ExpiredWord | null {
  if (bytes.length !== 40) return null;
  const copy = new Uint8Array(bytes);
  return {
    from: parseDeviceId(copy.subarray(0, 16)),
    to: parseDeviceId(copy.subarray(16, 32)),
    number: Number(new DataView(copy.buffer).getBigUint64(32)),
  };
}
