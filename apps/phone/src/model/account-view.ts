/**
 * What the screens know of the person's account (spec/account.md) and of a device that joins it (spec/provisioning.md),
 * and what they may do with it. Part of the seam in model.ts.
 */
import type { HexId } from './hex-id.ts';
import type { SignInForm } from './model.ts';

/** What a device of an account is. `paper`: the recovery words. */
export type AccountDeviceKind = 'phone' | 'tablet' | 'browser' | 'computer' | 'paper';

/** A device that is, or was, on the account's chain. */
export interface AccountDeviceView {
  /** 32 hexadecimal digits; a computer has the same id in `computers`. */
  readonly id: HexId;
  /** Null while its facts are not here. */
  readonly name: string | null;
  readonly kind: AccountDeviceKind;
  /** It is this one. */
  readonly self: boolean;
  /** By the clock of the device that added it, ms since 1970. */
  readonly addedAt: number;
  /** The name of the device that added it; null for the first, and where the name is not here. */
  readonly addedBy: string | null;
  readonly revoked: null | { readonly at: number; readonly by: string | null };
}

/** A paired computer that is not in the account. */
export interface OutsideView {
  readonly id: HexId;
  /**
   * `waiting`: it will be asked; `older`: it speaks a version without accounts; `refused`: it would not;
   * `other-account`: it is in another one; `other-relay`: it is at a relay that is not the account's.
   */
  readonly why: 'waiting' | 'older' | 'refused' | 'other-account' | 'other-relay';
}

/**
 * Why nothing is decided: what the relay gives does not go on from what was seen (`rolled-back`, `forked`), lacks what
 * another device has seen (`withheld`), is another account's (`other-account`) or no chain (`bad-chain`), or it does not
 * say where the chain ends (`no-head`).
 */
export type AccountAlarmCode = 'rolled-back' | 'forked' | 'withheld' | 'other-account' | 'bad-chain' | 'no-head';

/** The account's way to another relay, on this device (spec/account.md, "Another relay"). */
export type MovingView =
  | { readonly is: 'none' }
  /** The person went to sign in at that relay, to move there then. */
  | { readonly is: 'signing-in'; readonly to: string }
  /** Until `telling` it can be cancelled. `problem`: why it waits, a code; it goes on by itself. */
  | {
      readonly is: 'moving';
      readonly to: string;
      readonly step: 'posting' | 'copying' | 'telling';
      readonly problem: string | null;
    }
  /** Another device, `by`, has moved it. */
  | { readonly is: 'following'; readonly to: string; readonly by: string | null; readonly problem: string | null }
  | { readonly is: 'failed'; readonly to: string; readonly code: string }
  /** The former relay still keeps the account, for the devices that were not seen at the new one. */
  | {
      readonly is: 'moved';
      readonly from: string;
      readonly left: readonly { readonly id: HexId; readonly name: string | null }[];
    };

/** A relay that the account could move to, as it was found. */
export interface NewRelay {
  /** Its origin. */
  readonly relay: string;
  /** It has this account's chain already: another address of the same relay, or one from before. */
  readonly hasAccount: boolean;
  /** Whether the present relay can be reached, over which the other devices are told. */
  readonly reachesPresent: boolean;
}

export interface AccountView {
  /** 32 hexadecimal digits. */
  readonly id: HexId;
  /** The account's home relay, an origin; null: the chain was posted nowhere yet. */
  readonly relay: string | null;
  readonly head: { readonly seqno: number; readonly hash: HexId };
  /** Active ones first, each part in the chain's order. */
  readonly devices: readonly AccountDeviceView[];
  readonly outside: readonly OutsideView[];
  /** A paper key is active. */
  readonly hasWords: boolean;
  readonly alarm: null | { readonly code: AccountAlarmCode; readonly seqno: number };
  /**
   * What the other phones have written: `unread` since this phone is connected, so that its permissions ask; `older`: the
   * relay shows less than was there before.
   */
  readonly data: 'current' | 'unread' | 'older';
  /** This device was taken out of the account: it decides nothing more. */
  readonly removed: null | { readonly at: number; readonly by: string | null };
  readonly moving: MovingView;
}

/** How a new device meets one of the account (spec/provisioning.md, "Suites"). */
export type JoiningSuite = 'kex3' | 'kex2-v1' | 'kex2-v2';

/** A way between two devices that came to nothing. */
export interface FailedWay {
  readonly is: 'failed';
  /** A code of ProvisioningError, JoinLinkError or WordsError, a relay error code, or `interrupted`. */
  readonly code: string;
  /** A ProvisioningStep; null before the two met. */
  readonly step: string | null;
  /** With `peer-failed`: the other device's code. */
  readonly theirs: string | null;
}

/** Letting a new device in, on a device of the account. */
export type LettingInView =
  | { readonly is: 'none' }
  | { readonly is: 'preparing' }
  | {
      readonly is: 'showing';
      readonly suite: JoiningSuite;
      /** The QR code's URL. */
      readonly link: string;
      /** What can be typed instead, joined by one space: with kex3 a number and three words. Null: only the QR code. */
      readonly words: string | null;
      readonly endsAt: number;
    }
  | { readonly is: 'meeting' }
  | {
      readonly is: 'asking';
      readonly name: string;
      readonly kind: AccountDeviceKind;
      /** Six digits, which the new device shows as well. */
      readonly code: string;
    }
  | { readonly is: 'joining' }
  | { readonly is: 'done'; readonly name: string }
  | FailedWay;

/** Joining an account, on the new device. */
export type JoiningView =
  | { readonly is: 'none' }
  | { readonly is: 'preparing' }
  /** For the other device to scan, or for its person to type. */
  | { readonly is: 'showing'; readonly link: string; readonly words: string; readonly endsAt: number }
  | { readonly is: 'meeting' }
  /**
   * The person names this device; `problem` of the name that was given last. Told to the other device it is not called
   * in question any more, and what that one answers is waited for.
   */
  | { readonly is: 'naming'; readonly problem: null | 'bad-account-name' | 'name-taken'; readonly told: boolean }
  | { readonly is: 'code'; readonly code: string }
  | { readonly is: 'joining' }
  | { readonly is: 'done' }
  | FailedWay;

/** The account that recovery words belong to, to be looked at before anything is added. */
export interface RecoveredAccount {
  readonly id: HexId;
  /** The clock of whoever made the last link, ms since 1970. */
  readonly lastChangeAt: number;
  /** The active ones, in the chain's order. */
  readonly devices: readonly AccountDeviceView[];
}

/** What a person does with the account; part of `PhoneModel`. Everything rejects with a stable `code`. */
export interface AccountModel {
  /** Asks the relay for the chain again; what comes of it shows in `account`. */
  check(): Promise<void>;
  /** Ends a device of the account for good. */
  revoke(id: HexId): Promise<void>;
  /** Twelve new recovery words, of which nothing is kept or posted yet. */
  newWords(): Promise<readonly string[]>;
  /** Makes the words that were made last the account's, instead of those that it had. */
  keepWords(): Promise<void>;
  /** Forgets words that were made and not kept. */
  dropWords(): void;
}

/** What a person does on both sides of joining. Everything rejects with a stable `code`. */
export interface JoiningModel {
  /** Shows a secret for a new device; see `lettingIn`. Never throws. */
  letDeviceIn(how: JoiningSuite): void;
  /** What a new device shows, scanned or typed. Never throws. */
  enterSecret(text: string): void;
  /** Whether the device in `lettingIn` may join. */
  answerNewcomer(yes: boolean): void;
  cancelLetIn(): void;
  /** Leaves a letting in that is done or failed. */
  dismissLetIn(): void;
  /** First run: joins with what a device of the account shows, scanned or typed; see `joining`. Never throws. */
  join(text: string): void;
  /** First run: shows a secret for a device of the account to scan. Never throws. */
  showSecret(): void;
  nameDevice(name: string): void;
  cancelJoin(): void;
  /** Leaves a joining that is done or failed. */
  dismissJoin(): void;
  /**
   * First run: finds the account of recovery words at a relay (null: the one that the app came from). Rejects with a
   * RecoveryPhraseError's `code`, `no-chain` where that relay knows no account of these words, `unreachable`, or a code of
   * a chain that does not hold.
   */
  rejoin(words: string, relay: string | null): Promise<RecoveredAccount>;
  /** Joins the account that `rejoin` found, under this name; rejects with `bad-account-name`, `name-taken` or as above. */
  confirmRejoin(name: string): Promise<void>;
  /** Forgets the words and what was found by them. */
  cancelRejoin(): void;
}

/** What a person does about the account's way to another relay. Everything rejects with a stable `code`. */
export interface MovingModel {
  /**
   * Looks whether a relay is there that lets this device in, by an invitation code where it asks for one, and what it has
   * of this account. Rejects with `bad-address`, `already-there`, `not-a-relay`, `unreachable`, an InvitationError's or a
   * relay's `code`, or where its chain is another: `other-account`, `forked`.
   */
  look(relay: string, invitation: string | null): Promise<NewRelay>;
  /**
   * What the browser posts to sign this device in at the relay that was looked at last and did not let it in. The page
   * is left by it; which relay it is stays in `AccountView.moving`, for who comes back. Rejects with `not-looked-at`,
   * `not-connected`, and `wrong-origin` where that relay takes no sign-in from this app's address.
   */
  signIn(): Promise<SignInForm>;
  /** Moves the account to the relay that was looked at last; see `AccountView.moving`. */
  begin(): Promise<void>;
  /** Stops a move while no other device was told, and gives up one that waits for a sign-in. */
  cancel(): Promise<void>;
  /** Does not follow another device's move, and has no other device follow it. Rejects with a relay's `code`, or an alarm's. */
  stay(): Promise<void>;
  /** Leaves a move that failed. */
  dismiss(): void;
  /** Has the former relay forget the account, or (`tell` false) leaves it at that. Rejects with a relay's `code`. */
  endFormer(tell: boolean): Promise<void>;
}
