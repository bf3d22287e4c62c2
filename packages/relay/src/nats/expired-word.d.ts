import { type DeviceId } from '@palmkey/envelope';
/** That mail was not read within its lifetime. */
export interface ExpiredWord {
    readonly from: DeviceId;
    readonly to: DeviceId;
    readonly number: number;
}
/** `sender (16) ‖ recipient (16) ‖ u64 number`, said to all nodes: whichever has the sender tells it. */
export declare function encodeExpired({ from, to, number }: ExpiredWord): Uint8Array;
/** Null for bytes that are none. */
export declare function parseExpired(bytes: Uint8Array): ExpiredWord | null;
