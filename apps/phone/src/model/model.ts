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

export interface LoginView {
  readonly hash: HexId;
  /** The computer that asks, as the person named it. */
  readonly computer: { readonly id: HexId; readonly name: string };
  /** Outermost first, e.g. ['zsh', 'ssh']; empty when the computer could not tell. Always a claim. */
  readonly programs: readonly string[];
  readonly terminal: string | null;
  readonly user: string;
  /** What the computer claims that the server is called. */
  readonly host: { readonly name: string; readonly port: number } | null;
  readonly hostKey: HostKeyState;
  /** Fingerprints of hops before the last, origin first, when the agent was forwarded. */
  readonly hops: readonly string[];
  readonly key: { readonly name: string; readonly fingerprint: string; readonly type: string };
  /** Every field of what will be signed, parsed; values literal, for the "what exactly" list. */
  readonly fields: readonly { readonly label: string; readonly value: string }[];
  /** What is unusual about it: each is a reason to hold the button rather than tap it. */
  readonly unusual: readonly (
    'new-host' | 'other-name' | 'unnamed-host' | 'unbound' | 'forwarded' | 'unknown-program'
  )[];
  readonly receivedAt: number;
  /** When it ends, by this device's clock (receivedAt + the request's own length). */
  readonly endsAt: number;
}

export type Outcome = 'approved' | 'rejected' | 'withdrawn' | 'expired' | 'failed' | 'refused';

export interface HistoryEntry {
  readonly hash: HexId;
  readonly at: number;
  readonly computer: string;
  readonly user: string | null;
  readonly host: string | null;
  readonly hostFingerprint: string | null;
  readonly keyName: string | null;
  readonly outcome: Outcome;
  /** For `refused`: the stable code of spec/requests.md. `skewMs` goes with `clock-skew`. */
  readonly refusal: string | null;
  readonly skewMs: number | null;
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
  readonly decision: 'approve' | 'reject';
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
}

export interface KeyView {
  readonly id: HexId;
  readonly name: string;
  readonly type: 'ssh-ed25519';
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
  readonly waiting: readonly LoginView[];
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
  addKey(name: string): Promise<void>;
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
  /** Answers a waiting login. A second call for the same hash does nothing. */
  decide(hash: HexId, decision: 'approve' | 'reject'): Promise<void>;
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
