import type { AccountId, DeviceId } from '@palmkey/envelope';
import type { AccountBook } from './order-ports.ts';
/** What an answer is where the store gives none. */
export type Unavailable = 'unavailable';
/**
 * What is remembered of an {@link AccountBook}, so that mail asks the store once for each device and account. What is
 * asked while the store answers waits for that answer, in its order. Bounded: the oldest gives way.
 */
export declare class AddressBook {
    #private;
    constructor(book: AccountBook, max: number);
    /** Whether a device is known for sure, without asking: nothing waits that was said before. */
    knows(key: string): boolean;
    /** Whether the relay knows a device. */
    ask(device: DeviceId, then: (known: boolean | Unavailable) => void): void;
    /** The devices of an account. Calls `then` at once where it is remembered. */
    devicesOf(account: AccountId, then: (devices: readonly DeviceId[] | Unavailable) => void): void;
    /** A device is not known any more, or may not be. */
    dropDevice(device: DeviceId): void;
    /** An account has other devices. */
    dropAccount(account: AccountId): void;
}
