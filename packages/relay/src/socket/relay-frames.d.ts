import { type AccountDataWord, type ChainHead, type DeviceId, type LinkRefusal, type RelayErrorCode } from '@palmkey/envelope';
/** An error about a frame with that number and peer; about none: 0 and {@link NOBODY}. `refusal`: of a `bad-chain`. */
export declare function errorFrame(code: RelayErrorCode, retryAfterMs?: number, number?: number, peer?: DeviceId, refusal?: LinkRefusal | null): Uint8Array;
/** That so much of a connection's mail has been settled. Made by hand: there is one for each turn and connection. */
export declare function ackFrame(settled: number): Uint8Array;
/** That mail waits for a device that is not connected. */
export declare function storedFrame(number: number, peer: DeviceId): Uint8Array;
/** That a device of the account is connected, or gone. */
export declare function presenceFrame(device: DeviceId, present: boolean): Uint8Array;
/** That the account's chain has another head. */
export declare function chainHeadFrame(head: ChainHead): Uint8Array;
/** That another member has written account data. */
export declare function accountDataFrame(word: AccountDataWord): Uint8Array;
/** That an order was followed. */
export declare function doneFrame(number: number, body?: Uint8Array<ArrayBuffer>): Uint8Array;
