import type { Primitives } from '@palmkey/core/crypto';
import type { DeviceKeys } from '@palmkey/core/devices';
import type { RendezvousChannel } from '@palmkey/core/pairing';
import type { HostKeyVerifier } from '@palmkey/core/ssh';
import type {
  AccountDataWord,
  AccountId,
  ChainHead,
  ConnectNonce,
  DeviceId,
  Grant,
  PushRegistration,
  RendezvousId,
  SealedBody,
} from '@palmkey/envelope';
import type { ChainClient, FetchedLinks, Outbox } from '@palmkey/relay-client';
import type { NoticeBoard } from '../notices/notice.ts';
import type { BiometricRow } from '../store/schema.ts';
import type { Store, StoreError } from '../store/store.ts';
import type { OwnDeviceKind } from './device-kind.ts';
import type { JoiningPorts } from './joining/joining-ports.ts';
import type { Neighbours } from './neighbours.ts';
import type { PushSubscriptions } from './push-subscriptions.ts';
import type { RelayFacts } from './relay-facts.ts';

/** Time. `now` is the wall clock that messages carry; `monotonic` only ever goes forward and may stop while asleep. */
export interface Clock {
  now(): number;
  monotonic(): number;
  /** Resolves after so many milliseconds; rejects when the signal aborts. */
  after(ms: number, signal?: AbortSignal): Promise<void>;
}

/** A lock that this tab holds. */
export interface HeldLock {
  /** Resolves when another tab took it, or when it was released. */
  readonly lost: Promise<void>;
  release(): void;
}

/** Web Locks: one holder for a name among all tabs of this browser. */
export interface Locks {
  /** Waits for the lock, or takes it from whoever has it. Rejects when the signal aborts. */
  acquire(name: string, options: { readonly steal: boolean; readonly signal?: AbortSignal }): Promise<HeldLock>;
  /** Runs `work` while holding the lock. */
  exclusively<R>(name: string, work: () => Promise<R>): Promise<R>;
}

/** How a connection to a relay is doing. */
export interface LinkState {
  readonly is: 'connecting' | 'connected' | 'waiting' | 'refused' | 'closed';
  /** A relay error code, when that is why. */
  readonly problem: string | null;
}

/** How a message goes to a relay. */
export interface Carriage {
  /** How long it may wait there, ms; 0, as where left out: it is for who is connected now. */
  readonly lifetimeMs?: number;
  /** It survives a crash of the relay. True: and a reload of this app. `once`: whoever sends it keeps it. */
  readonly durable?: boolean | 'once';
}

/** What a device orders about the chain that it is on, or joins (spec/account.md, "At the relay"). */
export type ChainOrders = Pick<
  ChainClient,
  'ask' | 'boxes' | 'grant' | 'part' | 'post' | 'records' | 'recordsAfter' | 'write'
>;

/** One relay, as this device is connected to it. */
export interface RelayLink {
  readonly state: LinkState;
  /** What it returns ends the listening. */
  onState(listener: (state: LinkState) => void): () => void;
  /** The relay keeps mail until what the listener returned has settled. */
  onBody(listener: (from: DeviceId, body: SealedBody) => Promise<void>): void;
  /** Something did not arrive, or nobody knows; what is durable only when it is given up. */
  onUndelivered(listener: (to: DeviceId, code: string) => void): void;
  /** The relay says whether a device is connected. */
  onPresence(listener: (device: DeviceId, present: boolean) => void): void;
  /** The relay has taken some mail over. */
  onSettled(listener: () => void): void;
  /** The relay says that the account's chain has another head. */
  onChainHead(listener: (head: ChainHead) => void): void;
  /** The relay says that another member has written account data. */
  onAccountData(listener: (word: AccountDataWord) => void): void;
  readonly chain: ChainOrders;
  /** How many durable messages it has not taken yet. */
  readonly unsettled: number;
  start(): void;
  close(): void;
  reconnectNow(): void;
  setGrant(grant: Grant): void;
  /** How this device is woken while it is away; null: not any more. Rejects with a PalmkeyError. */
  pushRegister(registration: PushRegistration | null): Promise<void>;
  /** Forgets this device's account, with all its devices. Rejects with a PalmkeyError. */
  deleteAccount(): Promise<void>;
  /** Lets one device into this device's account, by the SHA-256 of its grant. Rejects with a PalmkeyError. */
  invite(grantHash: Uint8Array, lifetimeS: number): Promise<void>;
  /** Opens a rendezvous of this device, closes it, finds a short number for it. All reject with a PalmkeyError. */
  openRendezvous(id: RendezvousId): Promise<void>;
  closeRendezvous(id: RendezvousId): Promise<void>;
  allocateNameplate(id: RendezvousId): Promise<number>;
  /**
   * Hands a body over if connected; otherwise it is dropped, unless it is for the outbox: whatever else matters is sent
   * again later.
   */
  send(to: DeviceId, body: SealedBody, how: Carriage): void;
}

/** Where the engine runs: a page, or the service worker. */
export interface Place {
  readonly origin: string;
  /** What this tab remembers over a reload, and no other tab sees. A worker remembers nothing. */
  readonly notes: { get(name: string): string | null; set(name: string, value: string): void };
}

/** The page that the app runs in. */
export interface Page extends Place {
  /** The browser says that the network is back, or the page is looked at again. */
  onWake(listener: () => void): void;
  /** The page goes away: reload, close, or put aside. */
  onLeave(listener: () => void): void;
  /** Whether it is in sight now. */
  visible(): boolean;
  /** The page comes into sight, or goes out of it. */
  onVisible(listener: (visible: boolean) => void): void;
  /** Whether the browser promised to keep our data; asking may ask the person. */
  persisted(): Promise<boolean>;
  persist(): Promise<boolean>;
}

/** A platform authenticator's answer to a challenge (Web Authentication §5.2.2). */
export interface BiometricAnswer {
  readonly authenticatorData: Uint8Array;
  /** `clientDataJSON`. */
  readonly clientData: Uint8Array;
  readonly signature: Uint8Array;
}

/** The platform's own check of the person: fingerprint, face, or whatever opens the device. */
export interface Biometric {
  /** Makes a credential of this origin; rejects when there is no such check, or the person says no. */
  create(): Promise<BiometricRow>;
  /** Has the person verified; rejects when they say no. */
  ask(credentialId: Uint8Array, challenge: Uint8Array): Promise<BiometricAnswer>;
}

/** What a browser may lack. */
export type Missing = 'ed25519' | 'x25519' | 'indexeddb' | 'secure-context' | 'locks';

/** Everything a session needs from where it runs. */
export interface EnginePorts {
  readonly clock: Clock;
  readonly locks: Locks;
  readonly page: Place;
  readonly biometric: Biometric;
  readonly primitives: Primitives;
  readonly verifyHostKey: HostKeyVerifier;
  /** What this app calls itself to computers, e.g. `palmkey-phone/0.1.0`. */
  readonly software: string;
  /** What this device is called in its account, beside its name. */
  readonly deviceKind: OwnDeviceKind;
  /** Throws a {@link StoreError}. */
  openStore(onLost: (error: StoreError) => void): Promise<Store>;
  connectRelay(relay: string, device: DeviceKeys, grant: Grant | null, outbox: Outbox): RelayLink;
  /** What a relay says of itself; null when it does not. */
  askRelay(relay: string): Promise<RelayFacts | null>;
  /** A chain's links after one that is known (0: from the first), by HTTP. Rejects with a PalmkeyError. */
  fetchLinks(relay: string, account: AccountId, after: number, signal: AbortSignal): Promise<FetchedLinks>;
  /** A nonce of a relay, to be signed for a sign-in there; null when it gives none. */
  askSignInNonce(relay: string): Promise<ConnectNonce | 'wrong-origin' | null>;
  readonly push: PushSubscriptions;
  /** The signal ends its tries to post. */
  openRendezvous(relay: string, id: RendezvousId, signal: AbortSignal): RendezvousChannel;
}

/** Everything the app needs from its page. */
export interface PhonePorts extends EnginePorts, JoiningPorts {
  readonly page: Page;
  readonly neighbours: Neighbours;
  readonly board: NoticeBoard;
  missing(): Promise<readonly Missing[]>;
}
