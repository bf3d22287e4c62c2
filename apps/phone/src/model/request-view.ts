/** What a request looks like to a person: a login, a git object, a file (spec/requests.md), as claimed and as checked. */
import type { HexId } from './hex-id.ts';
import type { PermissionOffer } from './model.ts';

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
