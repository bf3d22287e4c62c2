import type { ChainState, LinkPlace } from '@palmkey/chain';
import type { PerUserKey } from '@palmkey/core/account';
import type { LetIn, MessageRouter } from '@palmkey/core/provisioning';
import type { Scrypt } from '@palmkey/core/scrypt';
import type { RendezvousId, RendezvousSender } from '@palmkey/envelope';
import type { FetchFlows } from './fetch-flows.ts';

/** The rendezvous of one relay; see relay-client's `HttpRouter`. */
export interface MeetingPlace extends MessageRouter {
  /** Resolves when somebody has opened the rendezvous. */
  opened(rendezvous: RendezvousId, self: RendezvousSender, signal: AbortSignal): Promise<void>;
  /** The rendezvous of a nameplate, which is burnt by it. */
  claimNameplate(nameplate: number, signal: AbortSignal): Promise<RendezvousId>;
}

/** What joining needs of a page, beside what every engine has. */
export interface JoiningPorts {
  /** Never in the page's own thread. */
  readonly scrypt: Scrypt;
  meetAt(relay: string): MeetingPlace;
  /** The flows' own files. A port, so that the service worker, in which nobody joins, has nothing of them. */
  readonly fetchFlows: FetchFlows;
}

/** The relay of the account, connected, as far as letting a device in orders of it. */
export interface HomeRelay {
  /** Its origin. */
  readonly origin: string;
  open(rendezvous: RendezvousId): Promise<void>;
  close(rendezvous: RendezvousId): Promise<void>;
  /** A short number for a rendezvous that is open. */
  nameplate(rendezvous: RendezvousId): Promise<number>;
  /** Keeps a grant, by its SHA-256 (32), for ten minutes. */
  grant(hash: Uint8Array): Promise<void>;
  /** It is not needed any more. */
  release(): void;
}

/** The account's chain as it stands now. */
export interface AccountNow {
  readonly state: ChainState;
  /** The latest generation. */
  readonly perUserKey: PerUserKey;
  /** Of all devices that are, or were, on the chain. */
  readonly names: readonly string[];
}

/** The account, as far as letting a device in needs it. */
export interface LetInAccount {
  /** Connects to the home relay. Rejects with a PalmkeyError where there is none, or it refuses. */
  home(): Promise<HomeRelay>;
  /** In step with the home relay. Rejects where nothing may be added. */
  now(): Promise<AccountNow>;
  /** Notes that this device signs there; `endsAt`: until when the link may still come, ms since 1970. */
  reserve(place: LinkPlace, endsAt: number): Promise<void>;
  /** Fetches the chain; whether the device is a member by it. */
  hasJoined(letIn: LetIn): Promise<boolean>;
}
