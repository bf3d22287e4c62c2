import type { Signature } from '@palmkey/envelope';
import type { MaybePromise, Primitives } from '../crypto/index.ts';
import type { DeviceKeys, DeviceName, Peer, PeerDirectory } from '../devices/index.ts';
import type { Clock } from '../timing/deadline.ts';

/** Port: one side's view of the rendezvous (spec/pairing.md, "The rendezvous"). */
export interface RendezvousChannel {
  /** Posts as this side's sender, under the next sequence number. At most 16 KiB. */
  post(message: Uint8Array): Promise<void>;
  /** The next message of another sender, each once, in order for each sender. Rejects when the signal is aborted. */
  next(signal: AbortSignal): Promise<Uint8Array>;
}

/** Port: time. */
export type PairingClock = Clock;

/** What either side needs. */
export interface PairingDeps {
  readonly primitives: Primitives;
  readonly device: DeviceKeys;
  readonly name: DeviceName;
  readonly clock: PairingClock;
  /** Whom this device is paired with; such a device is refused with `already-paired`. Left out: nobody is refused. */
  readonly peers?: PeerDirectory;
}

/** An SSH user key as a phone tells it: public key blob and comment. */
export interface UserKey {
  readonly blob: Uint8Array;
  readonly comment: string;
}

/** A finished pairing, with what proves it to a third party later: transcript and both signatures over it. */
export interface PairingRecord {
  readonly peer: Peer;
  /** The relay's URL origin, from the link. */
  readonly relay: string;
  /** 32 bytes. */
  readonly transcript: Uint8Array;
  /** Context `pairing-phone`. */
  readonly phoneSignature: Signature;
  /** Context `pairing-host`. */
  readonly hostSignature: Signature;
  /** Ms since 1970 UTC, this side's clock. */
  readonly pairedAt: number;
  /** On the host: the phone's user keys. */
  readonly userKeys?: readonly UserKey[];
}

/** How far a pairing has come, for a screen. */
export type PairingProgress =
  /** Host: the link may be shown. Phone: the hello is on its way. */
  | { readonly is: 'waiting' }
  /** The other side answered. */
  | { readonly is: 'met'; readonly name: DeviceName | null }
  /** The codes are to be compared. */
  | { readonly is: 'comparing'; readonly name: DeviceName }
  /** Host: a wrong code was typed. */
  | { readonly is: 'wrong-code'; readonly triesLeft: number }
  /** Host: the code was right, the phone is to confirm. */
  | { readonly is: 'confirming'; readonly name: DeviceName }
  /** A message was not for this pairing or did not open; `count` so far. */
  | { readonly is: 'passed-over'; readonly count: number };

/** What a host asks of the person while it pairs. */
export interface HostHooks {
  /** Asks for the code that the phone shows; `attempt` is 1, 2 or 3. The signal ends the asking. A rejection cancels. */
  onCode(attempt: number, signal: AbortSignal): Promise<string>;
  onProgress?(event: PairingProgress): void;
}

/** What a phone shows and does while it pairs. */
export interface PhoneHooks {
  /** Shows the six digits; `host` is who the computer says it is. */
  onCode(code: string, host: Peer): void;
  onProgress?(event: PairingProgress): void;
  /** Stores the pairing, before the host is told that it is done; if the pairing fails after it, the caller drops it. */
  onPaired?(record: PairingRecord): MaybePromise<void>;
}
