import type { AccountDataWord, AccountId, ChainHead, DeviceId } from '@palmkey/envelope';
/** Why a device's connections end on every node; `moved`: it belongs to another account now, and connects again. */
export type ExpelCode = 'removed' | 'blocked' | 'moved';
/** What other nodes tell this one. Nothing may throw. */
export interface BusEvents {
    /** A device has connected at another node: its connection here ends. */
    onEnteredElsewhere(device: DeviceId): void;
    /** A live frame for a device that is connected here; its peer is the sender already. */
    onFrame(to: DeviceId, frame: Buffer): void;
    /** A device of an account has come or gone, anywhere but here. */
    onPresence(account: AccountId, device: DeviceId, present: boolean): void;
    /** A device was removed or blocked at another node. */
    onExpel(device: DeviceId, code: ExpelCode): void;
    /** What is remembered of an account's devices is not true any more. */
    onAccountChanged(account: AccountId): void;
    /** The chain of one of the relay's accounts has another head. */
    onChainHead(account: AccountId, head: ChainHead): void;
    /** Account data of one of the relay's accounts was written; these members are to hear of it. */
    onAccountData(account: AccountId, word: AccountDataWord, members: readonly DeviceId[]): void;
    /** A message was left at a rendezvous, or it was closed. */
    onRendezvous(id: Uint8Array): void;
    /** Another node asks whether a device is connected here and takes what comes. */
    readsHere(device: DeviceId): boolean;
}
/**
 * Port: what the nodes of one relay tell each other besides mail. A single node's bus knows that node alone. What a
 * node does is not told to its own {@link BusEvents}.
 */
export interface Bus extends AsyncDisposable {
    /** From now on; called once, before anything else. */
    listen(events: BusEvents): void;
    /** A device has connected at this node, or left it. */
    enter(device: DeviceId, account: AccountId): void;
    leave(device: DeviceId, account: AccountId): void;
    /** Whether a device is connected at another node, as far as this one has heard. */
    isElsewhere(device: DeviceId): boolean;
    /** The devices of an account that are connected at other nodes. */
    elsewhere(account: AccountId): readonly DeviceId[];
    /**
     * Hands a live frame to the node where its recipient is; false if there is none, and then nothing is sent. `absent` is
     * called where the other node turns out not to have it. The frame must not change afterwards.
     */
    forward(to: DeviceId, frame: Uint8Array, absent: () => void): boolean;
    /**
     * Whether a device takes what comes, by the word of the node where it is; false where it is at none other, and where
     * that node does not answer within 1 s.
     */
    readsElsewhere(device: DeviceId): Promise<boolean>;
    expel(device: DeviceId, code: ExpelCode): void;
    accountChanged(account: AccountId): void;
    chainHead(account: AccountId, head: ChainHead): void;
    accountData(account: AccountId, word: AccountDataWord, members: readonly DeviceId[]): void;
    rendezvous(id: Uint8Array): void;
    /** Whether this node hears the others now. */
    readonly connected: boolean;
}
