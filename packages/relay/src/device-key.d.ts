import { type AccountId, type DeviceId } from '@palmkey/envelope';
/** An id as the key of a map: its 16 bytes, each a character. */
export declare function deviceKey(id: DeviceId | AccountId): string;
/** How a device is called in logs: the first 8 hexadecimal digits of its id. */
export declare function shortName(id: DeviceId): string;
