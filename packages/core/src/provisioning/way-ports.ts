import type { ChainState, Head, SignedLink } from '@palmkey/chain';
import type { AccountId } from '@palmkey/envelope';
import type {
  DeviceFacts,
  PassphraseStream,
  PerUserBox,
  PerUserKey,
  PreviousSeed,
  SaltedFacts,
} from '../account/index.ts';

/** What a new device posts to be a member, as one: its `sibkey` and `subkey`, and its box of the per-user key. */
export interface JoinPost {
  readonly account: AccountId;
  /** The grant that lets it connect to the relay, 32 bytes. */
  readonly newSession: Uint8Array;
  /** The head that the links go on from. */
  readonly prev: Head;
  readonly links: readonly SignedLink[];
  readonly box: PerUserBox;
}

/** Port: an account's chain at a relay, for a device that is not on it. Nothing that it gives is believed. */
export interface ChainSource {
  /** All links, from the first. Rejects when the relay does not give them. */
  links(account: AccountId, signal: AbortSignal): Promise<readonly SignedLink[]>;
  /** Begins what the two below need, with nobody waiting for it yet; what fails of it fails there. */
  prepare(newSession: Uint8Array): void;
  /** The previous seeds of all generations. Rejects when the relay does not give them. */
  previousSeeds(account: AccountId, newSession: Uint8Array, signal: AbortSignal): Promise<readonly PreviousSeed[]>;
  /** Posts all of it or nothing; `done` as well if it is there already. Rejects where neither is certain. */
  post(join: JoinPost, signal: AbortSignal): Promise<'done' | 'conflict'>;
}

/** What makes a device a member, once it is on the chain. */
export interface Joined {
  readonly post: JoinPost;
  /** The chain with this device. */
  readonly state: ChainState;
  readonly facts: SaltedFacts;
  /** All generations, the first first. */
  readonly perUserKeys: readonly PerUserKey[];
  /** X's, with its salt and generation; null where X has no passphrase. */
  readonly passphraseStream: PassphraseStream | null;
}

/** Port: the place where a new device keeps what makes it a member. */
export interface SaveJoin {
  /** Returns when it is safe on disk; nothing is posted before. */
  save(joined: Joined): Promise<void>;
  /** Lets go of what was saved: it will never be on the chain. */
  drop(): Promise<void>;
}

/** A device that wants to join, as the person at X is to judge it. */
export interface Newcomer extends DeviceFacts {
  /** Six digits, which the new device shows as well. */
  readonly code: string;
}

/** Why a name has to be another. */
export type NameProblem = 'bad-account-name' | 'name-taken';
