/** The control socket's calls about the account that this computer is in. */
import * as v from 'valibot';
import { isOrigin } from '../origin.ts';

/** What the status says of it. */
export interface AccountSummary {
  /** Account id, 32 hexadecimal digits. */
  readonly id: string;
  /** Origin of the relay that keeps its chain, as phones dial it. */
  readonly relay: string;
  /** The chain's last link as this computer knows it; `hash` in hexadecimal. */
  readonly head: { readonly seqno: number; readonly hash: string };
  /** How many devices are in it. */
  readonly active: number;
  /** Whether the relay has told the head since it was last connected; until then nothing is decided. */
  readonly current: boolean;
  /**
   * Why the chain that the relay shows is refused: nothing is decided. `reason` says more of `bad-chain`; `withheld`: a
   * device has told of this link, and the relay does not give it.
   */
  readonly alarm: {
    readonly code: 'rolled-back' | 'forked' | 'bad-chain' | 'other-account' | 'withheld';
    readonly seqno: number;
    readonly reason: string | null;
  } | null;
  /**
   * Where a member has said that the account is, while this computer is not there: `problem` says why, null before it was
   * tried.
   */
  readonly moving: { readonly relay: string; readonly problem: string | null } | null;
  /** When this computer was taken out (ms since 1970, by the clock of who did), and by whom; null: by itself. */
  readonly removed: { readonly at: number; readonly by: string | null } | null;
}

export interface AccountDeviceFact {
  /** DeviceId, 32 hexadecimal digits. */
  readonly id: string;
  /** What it calls itself to this computer; null where it has not said it. */
  readonly name: string | null;
  readonly kind: 'phone' | 'computer' | 'paper';
  readonly self: boolean;
  /** By the clock of the device that added it, ms since 1970. */
  readonly addedAt: number;
  /** That device's name, or the beginning of its id; null for the one that began the account. */
  readonly addedBy: string | null;
}

export interface AccountFact extends AccountSummary {
  /** Those that are in it, in the order in which they came. */
  readonly devices: readonly AccountDeviceFact[];
}

export interface AccountCalls {
  /** Asks the relay for the head first. Null where this computer never was in an account. */
  readonly account: { readonly args: object; readonly event: never; readonly result: AccountFact | null };
  /**
   * Looks for the account at another relay, and goes there if it is. Errors: `not-in-account`, `bad-relay`,
   * `move-unreachable`, `move-refused` with the `reason`, those of StateError.
   */
  readonly 'account-move': {
    readonly args: { readonly relay: string };
    readonly event: never;
    readonly result: AccountFact | null;
  };
  /** Takes this computer out. Errors: `not-in-account`, `account-refused`, `account-relay-away`, those of StateError and relays. */
  readonly 'account-leave': { readonly args: object; readonly event: never; readonly result: null };
}

export const accountSchemas: { [Name in keyof AccountCalls]: v.GenericSchema<unknown, AccountCalls[Name]['args']> } = {
  account: v.object({}),
  'account-leave': v.object({}),
  'account-move': v.object({ relay: v.pipe(v.string(), v.check(isOrigin)) }),
};
