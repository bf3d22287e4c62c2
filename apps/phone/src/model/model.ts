/**
 * What the screens know and may do: the one seam between the app's engine (keys, store, relay) and its pages.
 * A snapshot is immutable and replaced as a whole; pages read it through `useModel`.
 */

/** Lower-case hexadecimal text of an id or hash; used as a React key and in routes. */
export type HexId = string;

/** Under which names this very key is pinned already: no claim of the computer that asks now. */
export interface KnownKey {
  readonly knownAs: readonly {
    readonly name: string;
    readonly port: number;
    /** By which computers' word. */
    readonly by: readonly string[];
  }[];
}

export type HostKeyState =
  /** The same key as at the pinned approval. */
  | { readonly is: 'pinned'; readonly fingerprint: string; readonly pinnedAt: number }
  /** A verified key under a name that has no pin of this key type, or none that came by this computer's word. */
  | ({ readonly is: 'new'; readonly fingerprint: string } & KnownKey & {
        /** The types of other keys that the name is pinned with. */
        readonly otherTypes: readonly string[];
      })
  /** Another key than the pinned one: cannot be approved from its own screen. */
  | {
      readonly is: 'changed';
      readonly fingerprint: string;
      readonly pinnedFingerprint: string;
      readonly pinnedAt: number;
      /** By which computers' word it was pinned. */
      readonly pinnedBy: readonly string[];
    }
  /** A verified key, but nobody said which name it belongs to. */
  | ({ readonly is: 'unnamed'; readonly fingerprint: string } & KnownKey)
  /** The program showed no server at all (an old client, or not ssh). */
  | { readonly is: 'unbound' };

/** What all requests have. Text in monospace on the screen is literal; all under `asks` is the computer's claim. */
export interface RequestBase {
  readonly hash: HexId;
  /** The computer that asks, as the person named it. */
  readonly computer: { readonly id: HexId; readonly name: string };
  /** Outermost first, e.g. ['zsh', 'ssh']; empty when the computer could not tell. Always a claim. */
  readonly programs: readonly string[];
  readonly terminal: string | null;
  /** The working directory of what asked, when the computer could tell. A claim too. */
  readonly directory: string | null;
  /**
   * The key that would sign. `here`: this phone has it. Otherwise it is on another phone of the same computer, and this one
   * can only reject, or have the computer go on with another key (`pass`).
   */
  readonly key: {
    readonly name: string;
    readonly fingerprint: string;
    readonly type: string;
    readonly here: boolean;
  };
  /** Every field of what will be signed, parsed; values literal, for the "what exactly" list. */
  readonly fields: readonly { readonly label: string; readonly value: string }[];
  /** What is unusual about it: each is a reason to hold the button rather than tap it. */
  readonly unusual: readonly Unusual[];
  /** Can the person say "with another key or phone" (`pass`): the computer knows how, and it is a login. */
  readonly canPass: boolean;
  /** Which permissions the person may give with the approval; empty for what is always asked. */
  readonly offers: readonly PermissionOffer[];
  readonly receivedAt: number;
  /** When it ends, by this device's clock (receivedAt + the request's own length). */
  readonly endsAt: number;
}

export type Unusual =
  | 'new-host'
  | 'other-name'
  | 'unnamed-host'
  | 'unbound'
  | 'forwarded'
  | 'unknown-program'
  /** A host certificate that does not verify or is outside its time. */
  | 'bad-certificate'
  /** Text with characters that are not what they look like: controls, right-to-left marks. */
  | 'hidden-characters'
  /** Only a hash of what is signed is known. */
  | 'hash-only';

/** A host certificate that the server showed, as far as this phone could check it. */
export interface CertificateView {
  readonly caFingerprint: string;
  readonly keyId: string;
  readonly principals: readonly string[];
  /** ms since 1970; null: no limit. */
  readonly validFrom: number | null;
  readonly validUntil: number | null;
  /** `valid`: the CA's signature verifies, the time fits, and the claimed name is among the principals (or there are none). */
  readonly state: 'valid' | 'bad-signature' | 'out-of-time' | 'other-name';
}

/** One server on the way of a forwarded agent. */
export interface HopView {
  readonly fingerprint: string;
  /** Under which pinned name this very key is known, if any. */
  readonly name: string | null;
}

export interface LoginView extends RequestBase {
  readonly kind: 'login';
  readonly user: string;
  /** What the computer claims that the server is called. */
  readonly host: { readonly name: string; readonly port: number } | null;
  readonly hostKey: HostKeyState;
  readonly certificate: CertificateView | null;
  /** Servers before the last, origin first, when the agent was forwarded. */
  readonly hops: readonly HopView[];
}

export interface GitPersonView {
  readonly name: string;
  readonly email: string;
  /** ms since 1970, and the zone as written, e.g. `+0100`. */
  readonly at: number;
  readonly zone: string;
}

export type GitObjectView =
  | {
      readonly is: 'commit';
      readonly tree: string;
      readonly parents: readonly string[];
      readonly author: GitPersonView;
      readonly committer: GitPersonView;
      /** Other headers, in order (`encoding`, `mergetag` …). */
      readonly headers: readonly { readonly name: string; readonly value: string }[];
      readonly subject: string;
      /** The whole message, the subject included. */
      readonly message: string;
    }
  | {
      readonly is: 'tag';
      readonly tag: string;
      readonly target: string;
      readonly targetType: 'commit' | 'tree' | 'blob' | 'tag';
      readonly tagger: GitPersonView | null;
      readonly subject: string;
      readonly message: string;
    };

export interface GitView extends RequestBase {
  readonly kind: 'git';
  /** Claims of the computer. */
  readonly repository: { readonly directory: string; readonly remote: string | null } | null;
  /** Bytes of the text, and how many are here: it can be decided once all are. */
  readonly size: number;
  readonly here: number;
  /** Null until the whole text is here. */
  readonly object: GitObjectView | null;
  /** How the text was decoded for the screen. What is signed are its bytes. */
  readonly decoded: string;
}

export interface FileView extends RequestBase {
  readonly kind: 'file';
  readonly namespace: string;
  readonly hashAlgorithm: 'sha256' | 'sha512';
  /** Hexadecimal. */
  readonly digest: string;
}

export type RequestView = LoginView | GitView | FileView;

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

/** A permission that holds right now. */
export interface PermissionView {
  readonly id: HexId;
  readonly computer: { readonly id: HexId; readonly name: string };
  readonly scope:
    | {
        readonly is: 'server';
        readonly host: { readonly name: string; readonly port: number };
        readonly fingerprint: string;
        readonly user: string;
        readonly hops: readonly HopView[];
      }
    | { readonly is: 'computer' }
    | { readonly is: 'commits' };
  /** Null: every key of this phone. */
  readonly keyName: string | null;
  readonly createdAt: number;
  readonly endsAt: number;
  readonly uses: number;
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
  /** Who decided: a person here, a permission of theirs, another phone, or nobody. */
  readonly by: 'person' | 'permission' | 'other-phone' | null;
  /** An answer was given here and the computer has said what became of it. */
  readonly confirmed: boolean;
  /** A signature left this device for it; `outcome` is then the computer's word. */
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

/** A form that the browser itself posts to a relay, to sign in there. */
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
  /** Did the browser promise to keep our data. */
  readonly persistence: 'granted' | 'refused' | 'unknown';
  /** Has the person said that they have a second way into their servers. */
  readonly secondWayAcknowledged: boolean;
}

export interface PhoneModel {
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
   * one of those that the request offers.
   */
  decide(hash: HexId, decision: 'approve' | 'reject' | 'pass', permission?: PermissionGrant): Promise<void>;
  /** The whole text of a git request as it will be signed, in lines' order from character `from`; for a text that is long. */
  gitText(hash: HexId, from: number, length: number): { readonly text: string; readonly total: number };
  /** Ends a permission at once, for good. */
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
  /** From phase 'elsewhere': make this tab the one that answers. */
  useHere(): void;
}
