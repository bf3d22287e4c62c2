/**
 * What the screens know and may do: the one seam between the app's engine (keys, store, relay) and its pages.
 * A snapshot is immutable and replaced as a whole; pages read it through `useModel`.
 */
import type {
  AccountModel,
  AccountView,
  JoiningModel,
  JoiningView,
  LettingInView,
  MovingModel,
} from './account-view.ts';
import type { HexId } from './hex-id.ts';
import type { RequestView } from './request-view.ts';

export type PermissionScope = 'server' | 'computer' | 'commits';

/** A standing permission that could be given with an approval (spec/permissions.md). */
export interface PermissionOffer {
  readonly scope: PermissionScope;
  /** For a login through other servers: allowed only for this very way, and only when the person says so on purpose. */
  readonly forwarded: boolean;
}

export interface PermissionGrant {
  readonly scope: PermissionScope;
  /** One of {@link PERMISSION_MINUTES}. */
  readonly minutes: number;
}

/** The lengths that can be chosen, in minutes. */
export const PERMISSION_MINUTES = [30, 60, 180, 720] as const;

/** A permission that holds right now, on this phone or on another of the account. */
export interface PermissionView {
  readonly id: HexId;
  /** The name of the phone that gave it, and that alone answers by it; null: this one. */
  readonly phone: string | null;
  /** It was ended here, and the relay has not taken that yet: the other phone may still use it. */
  readonly ending: boolean;
  readonly computer: { readonly id: HexId; readonly name: string };
  readonly scope:
    | {
        readonly is: 'server';
        readonly host: { readonly name: string; readonly port: number };
        readonly user: string;
        /** The servers on the way; null for a direct login. */
        readonly through: string | null;
      }
    | { readonly is: 'computer' }
    | { readonly is: 'commits' };
  /** Null: every key of its phone. */
  readonly keyName: string | null;
  readonly createdAt: number;
  readonly endsAt: number;
  /** Null: of another phone's it is not known. */
  readonly uses: number | null;
  readonly lastUsedAt: number | null;
}

export type Outcome = 'approved' | 'rejected' | 'passed' | 'withdrawn' | 'expired' | 'failed' | 'refused';

export interface HistoryEntry {
  readonly hash: HexId;
  readonly at: number;
  /** What was asked for. */
  readonly kind: 'login' | 'git' | 'file';
  readonly computer: string;
  /** git: the subject line; file: the namespace; null for a login. */
  readonly subject: string | null;
  /** git: the repository's directory or remote, as claimed. */
  readonly repository: string | null;
  readonly user: string | null;
  readonly host: string | null;
  readonly hostFingerprint: string | null;
  readonly keyName: string | null;
  readonly outcome: Outcome;
  /** For `refused`: the stable code of spec/requests.md. `skewMs` goes with `clock-skew`. */
  readonly refusal: string | null;
  readonly skewMs: number | null;
  /** Who decided: a person, a permission of theirs, another phone that has not told how, or nobody. */
  readonly by: 'person' | 'permission' | 'other-phone' | null;
  /** The phone on which it was decided, where that is another one, and has told: what follows is its word. */
  readonly phone?: string;
  /** An answer was given there and the computer has said what became of it. */
  readonly confirmed: boolean;
  /** A signature left that device for it; `outcome` is then the computer's word. */
  readonly signed: boolean;
}

/** What the last decision became, shown as one line under the inbox until dismissed or replaced. */
export interface Aftermath {
  readonly hash: HexId;
  readonly computer: string;
  readonly title: string | null;
  readonly decision: 'approve' | 'reject' | 'pass';
  /** The permission that was given with it, and that can be taken back from this line. */
  readonly permission: HexId | null;
  readonly state: 'sending' | 'confirmed' | 'unconfirmed';
  readonly outcome: Outcome | null;
}

export interface ComputerView {
  readonly id: HexId;
  readonly name: string;
  readonly relay: string;
  readonly pairedAt: number;
  readonly lastSeenAt: number | null;
  /** Does the computer itself answer through the relay right now. */
  readonly reach: 'here' | 'relay-only' | 'connecting' | 'offline' | 'refused';
  readonly software: string | null;
  /** Why `refused` or `offline`, as a relay error code, when known. */
  readonly problem: string | null;
  /** It and this app have no version in common, or it sent what this app does not know: who has to be updated. */
  readonly update: 'computer' | 'phone' | null;
  /** Until when it may not ask (ms since 1970; Infinity: until switched on); null when it may. */
  readonly mutedUntil: number | null;
  /** It asked too often: how many requests were refused without asking, since when; null when none lately. */
  readonly flooded: { readonly refused: number; readonly since: number } | null;
  /** This device's clock − its clock, ms, where they are so far apart that neither takes what the other says; else null. */
  readonly skewMs: number | null;
}

export type KeyType = 'ssh-ed25519' | 'ecdsa-sha2-nistp256' | 'ssh-rsa';

export interface KeyView {
  readonly id: HexId;
  readonly name: string;
  readonly type: KeyType;
  readonly fingerprint: string;
  readonly authorizedKeysLine: string;
  readonly createdAt: number;
  readonly exportable: false;
}

export type PairingView =
  | { readonly is: 'none' }
  /** A link was followed to this page: anybody can make one, so ask before this device answers it. */
  | { readonly is: 'confirm-link'; readonly hostName: string }
  /** A link was opened whose relay is not this app's own: ask before using it. */
  | { readonly is: 'confirm-relay'; readonly relay: string; readonly hostName: string }
  | { readonly is: 'connecting'; readonly hostName: string }
  | { readonly is: 'code'; readonly hostName: string; readonly code: string; readonly endsAt: number }
  | { readonly is: 'finishing'; readonly hostName: string }
  | { readonly is: 'paired'; readonly computer: { readonly id: HexId; readonly name: string } }
  /** `code` is a PairingError code of @palmkey/core/pairing, or a relay error code, or 'interrupted'. */
  | { readonly is: 'failed'; readonly hostName: string | null; readonly code: string };

/** The app lock: keeps others who hold the unlocked phone out of the app. It does not encrypt (SECURITY.md). */
export type LockView =
  | { readonly is: 'off' }
  | {
      readonly is: 'on';
      readonly locked: boolean;
      /** Locks itself after so long out of sight. */
      readonly afterMinutes: number;
      /** The platform's own check (fingerprint, face) opens it too. */
      readonly biometric: boolean;
      /** After wrong codes: when the next try is taken (ms since 1970); null: now. */
      readonly retryAt: number | null;
    };

/** The passphrase: encrypts what is kept in this browser. */
export type PassphraseView =
  | { readonly is: 'off' }
  | {
      readonly is: 'on';
      /** Counts from 1, one more with each change on this device. */
      readonly generation: number;
      /** What was made without it and is kept as it was: this device's own keys, and user keys by id. */
      readonly bare: { readonly device: boolean; readonly keys: readonly HexId[] };
    };

/** Notifications of this device, and how it is woken for them (spec/relay.md, "Push"). */
export interface NoticesView {
  readonly on: boolean;
  /** The relay that wakes this device; null while none does. */
  readonly relay: string | null;
  /** What stands on a notification: the question, or only that there is one. */
  readonly shows: 'question' | 'little';
  /** Keys with which a routine login can be allowed from its notification. */
  readonly allowKeys: readonly HexId[];
  /** Whether this browser can, and may; null until it was asked. `install-first`: only the installed app can. */
  readonly standing: 'unsupported' | 'install-first' | 'unasked' | 'denied' | 'allowed' | null;
  /** They are off, and a relay of a computer here wakes devices. */
  readonly offered: boolean;
  /**
   * Whether the relay knows how to wake this device: it refused the browser's push service, could not be told, wakes none
   * any more (`no-key`), or the browser subscribes no more (`lost`).
   */
  readonly wakes: 'fine' | 'refused' | 'failed' | 'no-key' | 'lost';
}

/** A relay that asks who a device is. */
export interface RelayThatAsks {
  readonly relay: string;
  /** It has let this device in. */
  readonly knows: boolean;
}

/** How a relay admits a device that it does not know. */
export type AdmissionWay = 'open' | 'invitation' | 'github';

/** A form that begins a sign-in at a relay: posted by the browser itself, so that the cookie is the relay's own. */
export interface SignInForm {
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
}

export interface PhoneSnapshot {
  readonly phase:
    | { readonly is: 'loading' }
    /** Another tab of this browser has the connection; `useHere` takes over. */
    | { readonly is: 'elsewhere' }
    /** This browser lacks something the app cannot do without. */
    | {
        readonly is: 'unsupported';
        readonly missing: readonly ('ed25519' | 'x25519' | 'indexeddb' | 'secure-context' | 'locks')[];
      }
    /** The store could not be opened or is from a newer version. */
    | { readonly is: 'broken'; readonly reason: 'newer-version' | 'store-failed' }
    /** Everything is locked by the passphrase: `passphrase.open`, or `beginAnew`. */
    | { readonly is: 'passphrase' }
    | { readonly is: 'first-run' }
    | { readonly is: 'ready' };
  readonly deviceName: string;
  readonly keys: readonly KeyView[];
  readonly computers: readonly ComputerView[];
  /** Waiting, oldest first: the first is on screen, later ones queue behind it. */
  readonly waiting: readonly RequestView[];
  /** The request that the person asked to see before the others, from its notification. */
  readonly front: HexId | null;
  /** While the app is locked `waiting`, `permissions`, `history` and `aftermath` are empty: this is how many wait. 0 otherwise. */
  readonly lockedWaiting: number;
  /** What is allowed right now, ending soonest first. */
  readonly permissions: readonly PermissionView[];
  readonly lock: LockView;
  readonly passphrase: PassphraseView;
  readonly notices: NoticesView;
  /**
   * The relay that the app came from, where a person gets in by sign-in or invitation; null anywhere else, and where it
   * does not say whether it knows this device.
   */
  readonly asks: RelayThatAsks | 'unknown' | null;
  readonly aftermath: Aftermath | null;
  /** Newest first. */
  readonly history: readonly HistoryEntry[];
  readonly pairing: PairingView;
  /** Null before there is one. */
  readonly account: AccountView | null;
  readonly lettingIn: LettingInView;
  /** Also in the first run, before there is a device. */
  readonly joining: JoiningView;
  /** Did the browser promise to keep our data. */
  readonly persistence: 'granted' | 'refused' | 'unknown';
  /** Has the person said that they have a second way into their servers. */
  readonly secondWayAcknowledged: boolean;
}

/** What a person does with the passphrase. */
export interface PassphraseModel {
  /** Opens what the passphrase locks; false when it is another. */
  open(passphrase: string): Promise<boolean>;
  /** Locks by a passphrase everything that is kept in this browser. Rejects for one that is too short or too long. */
  set(passphrase: string): Promise<void>;
  /** Both false where `former` is not the passphrase. */
  change(former: string, passphrase: string): Promise<boolean>;
  remove(former: string): Promise<boolean>;
  /** Gives this device new keys, which the passphrase locks, in the place of those that it does not. */
  renewDevice(): Promise<void>;
}

export interface PhoneModel {
  readonly account: AccountModel;
  readonly joining: JoiningModel;
  readonly moving: MovingModel;
  readonly passphrase: PassphraseModel;
  getSnapshot(): PhoneSnapshot;
  subscribe(listener: () => void): () => void;
  /** First run: makes device keys and the first user key. */
  createAccountKey(options: { deviceName: string; keyName: string }): Promise<void>;
  /** Makes a key of a type (Ed25519 unless said). RSA takes some seconds. */
  addKey(name: string, type?: KeyType): Promise<void>;
  /** Takes a key away for good; what it could open has to have another way in. */
  removeKey(id: HexId): Promise<void>;
  renameKey(id: HexId, name: string): Promise<void>;
  renameDevice(name: string): Promise<void>;
  /**
   * Opens a pairing link (whole URL or its payload); the result shows in `pairing`. Never throws. `followed`: the page was
   * opened with it, which is no decision of the person's; what they scanned or pasted is.
   */
  openLink(text: string, options?: { readonly followed: boolean }): void;
  /** Goes on from `confirm-link` or `confirm-relay`. */
  confirmLink(): void;
  cancelPairing(): void;
  /** Leaves a finished or failed pairing. */
  dismissPairing(): void;
  /**
   * Answers a waiting request. A second call for the same hash does nothing. With an approval a permission can be given,
   * one of those that the request offers. Resolves once the answer is kept; with false where it did not count, and the
   * request ended otherwise before.
   */
  decide(hash: HexId, decision: 'approve' | 'reject' | 'pass', permission?: PermissionGrant): Promise<boolean>;
  /** The whole text of a git request as it will be signed, in lines' order from character `from`; for a text that is long. */
  gitText(hash: HexId, from: number, length: number): { readonly text: string; readonly total: number };
  /** Ends a permission for good, at once: another phone's as soon as the relay has been told. */
  revokePermission(id: HexId): Promise<void>;
  /** Ends all of them. */
  revokeAllPermissions(): Promise<void>;
  /** Nothing of this computer is shown or signed for so long (Infinity: until unmuted). What waits of it is refused. */
  muteComputer(id: HexId, forMs: number): Promise<void>;
  unmuteComputer(id: HexId): Promise<void>;
  /** Switches the app lock on, or changes it; `code`: 6 digits or more. */
  setLock(options: {
    readonly code: string;
    readonly afterMinutes: number;
    readonly biometric: boolean;
  }): Promise<void>;
  /** Switches it off; false when the code is wrong. */
  removeLock(code: string): Promise<boolean>;
  /** Opens the app; null: by the platform's own check. False when wrong or too soon. */
  unlock(code: string | null): Promise<boolean>;
  lockNow(): void;
  /** Looks whether the browser can and may notify; shows in `notices.standing`. */
  lookAtNotices(): Promise<void>;
  /** On a tap only: has the browser ask, and the relay told. Rejects with a WakingError's `code`. */
  switchNoticesOn(): Promise<void>;
  switchNoticesOff(): Promise<void>;
  setNotices(change: Partial<Pick<NoticesView, 'shows' | 'allowKeys'>>): Promise<void>;
  /** Shows one, as a real one would come. */
  testNotice(): Promise<void>;
  /** Puts this request in front of the others that wait. */
  show(hash: HexId): void;
  /** How a relay admits devices; null when it cannot be reached. */
  admissionOf(relay: string): Promise<readonly AdmissionWay[] | null>;
  /** Asks the relay that the app came from whether it knows this device; shows in `asks`. */
  lookAtRelay(): Promise<void>;
  /** Null while there is no session. Rejects where the relay does not answer. */
  signInForm(relay: string): Promise<SignInForm | null>;
  /**
   * Shows a relay an invitation, and connects anew. Rejects with an InvitationError's `code`, `length` or `letter`; for a
   * relay of no paired computer it resolves once this device is in, and else rejects with a relay's `code`.
   */
  useInvitation(relay: string, code: string): Promise<void>;
  /** An invitation to a relay for one more computer; connects there for it if need be. Rejects with a relay's `code`. */
  invite(relay: string): Promise<{ readonly code: string; readonly endsAt: number }>;
  dismissAftermath(): void;
  /** Takes a pin away after the person has looked deeper; the next login to that name is `new`. */
  forgetPin(host: { name: string; port: number }): Promise<void>;
  renameComputer(id: HexId, name: string): Promise<void>;
  unpair(id: HexId): Promise<void>;
  reconnect(): void;
  requestPersistence(): Promise<void>;
  acknowledgeSecondWay(): Promise<void>;
  /** Everything a person made that can leave the browser: computers, public keys, pins, history. */
  exportFacts(): Promise<Blob>;
  /**
   * On a device that was removed, and where the passphrase is forgotten: deletes account, keys and everything else, and
   * begins with the first run.
   */
  beginAnew(): Promise<void>;
  /** From phase 'elsewhere': make this tab the one that answers. */
  useHere(): void;
}
