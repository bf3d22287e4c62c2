/**
 * What the daemon's control socket speaks: one JSON object a line, in both directions, on a Unix socket of mode 0600.
 * A call is `{id, call, ...}`; it is answered by any number of `{id, event}` and ends with `{id, result}` or `{id, error}`.
 * Everything here is facts; the CLI puts them into words.
 */

import type { AskKind, AskProgress } from '../asking/ask-progress.ts';
import type { KeysState } from '../keys/device-lock.ts';
import type { Woken } from '../asking/wake.ts';
import type { AccountCalls, AccountSummary } from './account-calls.ts';
import type { OfferCalls } from './offer-calls.ts';
import type { PassphraseCalls } from './passphrase-calls.ts';
import type { UseCalls } from './use-calls.ts';

export type { KeysState } from '../keys/device-lock.ts';
export type { AccountDeviceFact, AccountFact, AccountSummary } from './account-calls.ts';
export type { OffersFact } from './offer-calls.ts';
export type { KeyUsesFact, UseFact, UsedKeyFact } from './use-calls.ts';

export interface RelayFact {
  /** Origin, e.g. `http://localhost:7722`. */
  readonly url: string;
  readonly state: 'connecting' | 'connected' | 'waiting' | 'refused' | 'closed';
  /** A relay error code (spec/relay.md) or `unreachable`, when the state is `waiting` or `refused`. */
  readonly problem: string | null;
  /** ms since 1970 of the last time a connection was admitted. */
  readonly lastContactAt: number | null;
}

export interface PhoneFact {
  /** DeviceId, 32 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  readonly relay: string;
  readonly pairedAt: number;
  /**
   * `here`: it has spoken on this connection of ours, or the relay has taken a greeting for it; `absent`: the relay says
   * that it is not connected; `unknown`: neither yet.
   */
  readonly reach: 'here' | 'absent' | 'unknown';
  readonly lastSeenAt: number | null;
  readonly software: string | null;
  /** The version of spec/requests.md that both speak; null before the phone has said, or when there is none. */
  readonly protocol: number | null;
  /** The two have no version in common, or the phone said what this computer does not know: who has to be updated. */
  readonly update: 'us' | 'phone' | null;
  /** What came of the last push to it since the daemon started, and when (ms since 1970); null where there was none. */
  readonly push: { readonly woken: Woken; readonly at: number } | null;
  readonly keys: readonly KeyFact[];
  /** It is in this computer's account: the account says that it decides. */
  readonly inAccount: boolean;
}

export interface KeyFact {
  readonly type: string;
  /** `SHA256:…` as ssh-keygen prints it. */
  readonly fingerprint: string;
  readonly comment: string;
  /** The line for authorized_keys. */
  readonly line: string;
  readonly phone: string;
}

export interface WaitingFact {
  /** Request hash, 64 hexadecimal digits. */
  readonly hash: string;
  readonly kind: AskKind;
  /** For a login: as whom, and where as far as it is known. */
  readonly user: string | null;
  readonly host: string | null;
  /** For git: a commit's first line or a tag's name; for a file: the namespace. */
  readonly subject: string | null;
  /** Those that have the key and are not known to be away; if all are, all of them. */
  readonly phones: readonly string[];
  /** Those of them that have the request. */
  readonly receivedBy: readonly string[];
  readonly askedAt: number;
  readonly endsAt: number;
}

export interface LogFact {
  readonly at: number;
  readonly kind:
    | AskKind
    | 'paired'
    | 'unpaired'
    | 'pairing-failed'
    | 'refused'
    /** `outcome` is `locked` for one that waits for the passphrase. */
    | 'started'
    | 'stopped'
    /** The passphrase opened this computer's keys; they are forgotten until it is given again. */
    | 'unlocked'
    | 'locked'
    /** The passphrase was `set`, `changed`, `removed` or, for `code`, `refused`. */
    | 'passphrase'
    /** This computer is in an account, by the member `by`; or is out of it. */
    | 'enlisted'
    | 'removed'
    /** A phone of the account has made itself known to this computer, or was taken out by the device `by`. */
    | 'joined'
    | 'revoked'
    /** The account's chain is refused for `code`: nothing is decided. */
    | 'account-refused'
    /** The account is at the relay `host`, by the member `by`; null: by a person here. */
    | 'moved';
  readonly user: string | null;
  readonly host: string | null;
  readonly hostFingerprint: string | null;
  /** As in WaitingFact. */
  readonly subject: string | null;
  /** The phone that decided; where none did, those that were asked. */
  readonly phone: string | null;
  readonly keyFingerprint: string | null;
  /** `approved`, `rejected`, `passed`, `withdrawn`, `expired`, `failed` or `refused`; for pairings a PairingError code; else nil. */
  readonly outcome: string | null;
  /** A refusal's stable code, when there is one. */
  readonly code: string | null;
  readonly skewMs: number | null;
  /** The end of the permission that approved it; null where a person did. */
  readonly until: number | null;
  /** What came of the last push to a phone that did not answer by itself; null where none was needed. */
  readonly woken: Woken | null;
  readonly tookMs: number | null;
  /** Who did it on the account's chain: a phone's name, or the beginning of its id. */
  readonly by: string | null;
}

/** What came of a ping. */
export interface PingFact {
  readonly answered: boolean;
  /** The phone said that it has the request. */
  readonly received: boolean;
  /** From asking to the answer; null without one. */
  readonly tookMs: number | null;
  /** Why the phone refused, and how far its clock is from this one's, when it did. */
  readonly code: string | null;
  readonly skewMs: number | null;
}

export interface StatusFact {
  readonly version: string;
  readonly pid: number;
  readonly startedAt: number;
  readonly home: string;
  readonly device: { readonly id: string; readonly name: string };
  readonly agentSocket: string;
  readonly agentLocked: boolean;
  /** Whether a passphrase locks this computer's keys, and whether it was given. Locked: it connects to nothing. */
  readonly deviceKeys: KeysState;
  /** Where the app is served for this machine's browser, when this daemon runs a relay; the link for people. */
  readonly appUrl: string | null;
  readonly publicUrl: string | null;
  /** The one command that tries it all, when the try-server runs. */
  readonly tryCommand: string | null;
  readonly relays: readonly RelayFact[];
  readonly phones: readonly PhoneFact[];
  /** The account that this computer is, or was, in; null where it never was in one. */
  readonly account: AccountSummary | null;
  /** A pairing runs: a link is shown somewhere. */
  readonly pairing: boolean;
  readonly waiting: readonly WaitingFact[];
}

export type PairEvent =
  | { readonly is: 'link'; readonly url: string; readonly expiresAt: number }
  /** A phone has opened the link; the code comes next. */
  | { readonly is: 'phone-arrived' }
  /** Answer with the call `pair-code`. `attempt` counts from 1, at most 3. */
  | { readonly is: 'code-wanted'; readonly attempt: number; readonly phoneName: string }
  | { readonly is: 'finishing' };

export interface Calls extends AccountCalls, OfferCalls, PassphraseCalls, UseCalls {
  readonly status: { readonly args: object; readonly event: never; readonly result: StatusFact };
  /** Facts again whenever something changes (connections, phones, requests), until the connection closes. */
  readonly watch: { readonly args: object; readonly event: StatusFact; readonly result: null };
  readonly log: {
    readonly args: { readonly limit: number };
    readonly event: never;
    readonly result: readonly LogFact[];
  };
  readonly pair: {
    /** `relay`: origin to meet at, default the daemon's; `app`: origin of the app in the link, default the relay's. */
    readonly args: { readonly relay?: string; readonly app?: string };
    readonly event: PairEvent;
    readonly result: { readonly phone: PhoneFact };
  };
  /** For the pairing that runs on this same connection. */
  readonly 'pair-code': { readonly args: { readonly code: string }; readonly event: never; readonly result: null };
  readonly unpair: {
    /** Name or id (or an unambiguous beginning of either). `told`: the phone could be told right away. */
    readonly args: { readonly phone: string };
    readonly event: never;
    readonly result: { readonly name: string; readonly told: boolean };
  };
  /** Asks a phone for nothing but an answer; the person sees nothing of it. Ends within five seconds. */
  readonly 'ping-phone': {
    readonly args: { readonly phone: string };
    readonly event: never;
    readonly result: PingFact;
  };
  /**
   * Asks for the signature of a commit or tag. `key`, a public key blob, and `object`, the text as git gave it, of at most
   * 8 MiB, in base64url. The events are for the person who waits. Ends with the armoured signature.
   */
  readonly 'git-sign': {
    readonly args: {
      readonly key: string;
      readonly object: string;
      readonly repository: { readonly directory: string; readonly remote: string | null } | null;
      readonly origin: {
        readonly programs: readonly string[];
        readonly terminal: string | null;
        readonly directory: string | null;
      };
    };
    readonly event: AskProgress;
    readonly result: { readonly signature: string };
  };
  /** Drains and ends the daemon. */
  readonly stop: { readonly args: object; readonly event: never; readonly result: null };
}

export type CallName = keyof Calls;

export interface ControlFailure {
  /** A stable code: PairingError codes, relay error codes, `no-such-phone`, `ambiguous-phone`, `pairing-running`, `no-pairing`, `in-account`, `not-in-account`, `account-refused`, `account-relay-away`, `no-relay`, `bad-relay`, `move-unreachable`, `move-refused`, `keys-locked`, those of the passphrase's calls, `bad-call`, the ends of a `git-sign` (`signGit`), those of StateError, `internal`. */
  readonly code: string;
  readonly detail: Readonly<Record<string, string | number | null>>;
}
