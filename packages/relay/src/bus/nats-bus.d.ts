import type { AccountDataWord, AccountId, ChainHead, DeviceId } from '@palmkey/envelope';
import type { Clock } from '../clock.ts';
import type { NatsLink } from '../nats/nats-link.ts';
import type { Bus, BusEvents, ExpelCode } from './bus.ts';
interface NatsBusPorts {
    readonly link: NatsLink;
    readonly clock: Clock;
    /** 8 random bytes, new at each start: a node that starts again is another. */
    readonly nodeId: Uint8Array;
}
/**
 * The bus of several nodes, over NATS's publish and subscribe, which may lose what is said while a connection is made
 * anew. So every announcement is numbered, the beats carry the number too, and who misses one asks for the whole list.
 * Where one device connects at two nodes at once, both judge by the same order ({@link isLater}): one connection stays.
 */
export declare class NatsBus implements Bus {
    #private;
    constructor({ link, clock, nodeId }: NatsBusPorts);
    get connected(): boolean;
    listen(events: BusEvents): void;
    enter(device: DeviceId, account: AccountId): void;
    leave(device: DeviceId, _account: AccountId): void;
    isElsewhere(device: DeviceId): boolean;
    elsewhere(account: AccountId): readonly DeviceId[];
    forward(to: DeviceId, frame: Uint8Array, absent: () => void): boolean;
    readsElsewhere(device: DeviceId): Promise<boolean>;
    expel(device: DeviceId, code: ExpelCode): void;
    accountChanged(account: AccountId): void;
    chainHead(account: AccountId, head: ChainHead): void;
    accountData(account: AccountId, word: AccountDataWord, members: readonly DeviceId[]): void;
    rendezvous(id: Uint8Array): void;
    [Symbol.asyncDispose](): Promise<void>;
}
export {};
