import type { DeviceId } from '@palmkey/envelope';
import type { Bus } from './bus.ts';
/** The bus of a relay of one node: there is nobody to tell, and nobody is elsewhere. */
export declare class LocalBus implements Bus {
    readonly connected = true;
    listen(): void;
    enter(): void;
    leave(): void;
    isElsewhere(): boolean;
    elsewhere(): readonly DeviceId[];
    forward(): boolean;
    readsElsewhere(): Promise<boolean>;
    expel(): void;
    accountChanged(): void;
    chainHead(): void;
    accountData(): void;
    rendezvous(): void;
    [Symbol.asyncDispose](): Promise<void>;
}
