/** What the agent asks of the rest of the daemon, and what it takes for an answer. */
import type { BindFault, SessionBind, Userauth } from '@palmkey/core/ssh';
import type { Claim } from '../claims/claim.ts';

/** A user key as the agent lists it. */
export interface UserKeyView {
  /** Public key blob. */
  readonly blob: Uint8Array;
  readonly comment: string;
}

/** A login that passed all of the agent's checks. */
export interface LoginAsk {
  /** The user key's blob. */
  readonly key: Uint8Array;
  /** The bytes to be signed, at most 16 KiB, as ssh gave them. */
  readonly data: Uint8Array;
  /** The agent protocol's flags; 0 for Ed25519. */
  readonly flags: number;
  /** The connection's verified binds, in order; empty when the client made none. */
  readonly binds: readonly SessionBind[];
  /** The last bind's host key: the server logged in to. Null without binds. */
  readonly hostKey: Uint8Array | null;
  readonly userauth: Userauth;
  /** The ssh on this computer that the first bind came from, as far as one said so. */
  readonly claim: Claim | null;
  /** What that ssh calls the server logged in to; null beyond the first hop, where nobody here knows its name. */
  readonly host: { readonly name: string; readonly port: number } | null;
}

/**
 * A file to be signed (`ssh-keygen -Y sign`): SSHSIG signed data of which only the file's hash is known, so that nobody
 * can be shown the file. The agent hands it to its `signFile` port, which the daemon fills by asking a `file-sign` of the
 * phones that hold the key (contents: `data`, `key`, origin `none` without a claim), as its `sign` port does with logins;
 * the answer is a signature blob over exactly `data`, which the agent verifies before its client gets it. The namespace
 * is never `git`: that is refused before, as `git-text-unseen`.
 */
export interface FileAsk {
  /** The user key's blob. */
  readonly key: Uint8Array;
  /** The bytes to be signed, at most 16 KiB, as the client gave them. */
  readonly data: Uint8Array;
  /** Never empty, never `git`; any other text, e.g. `file`. */
  readonly namespace: string;
  readonly hash: 'sha256' | 'sha512';
  /** The file's hash, 32 or 64 bytes. */
  readonly digest: Uint8Array;
  /** Who asked, as far as the system says who is at the other end (Linux with `ss`); it names no server. */
  readonly claim: Claim | null;
}

/** The server that a connection's binds lead to. */
export interface ServerSeen {
  readonly hostKey: Uint8Array;
  /** What an ssh on this computer calls it; null where nobody here knows. */
  readonly name: string | null;
}

/** Port: which keys a server is offered. */
export interface OfferPolicy {
  /** The keys to list, in this order; without a server (`ssh-add -l`) all of them. */
  choose(
    server: ServerSeen | null,
    ours: readonly UserKeyView[],
    upstream: readonly UserKeyView[],
  ): readonly UserKeyView[];
  /** A connection to the server ended, and none of what it was offered was to sign. */
  unwanted(server: ServerSeen, offered: readonly UserKeyView[]): void;
  /** A key of its list is to sign. */
  asked(server: ServerSeen): void;
  /** The server took a key: it has a signature of it. */
  worked(server: ServerSeen, key: Uint8Array): void;
}

/** `signature` is a signature blob (`string algorithm ‖ string signature`); everything but `signed` fails the request. */
export type SignOutcome =
  { readonly is: 'signed'; readonly signature: Uint8Array } | { readonly is: 'failed'; readonly code: string };

/** Why a request was answered with a failure before anybody was asked, or instead of a signature that is none. */
export type RefusalCode =
  | BindFault
  | 'bad-bind' // a session-bind that does not verify or does not follow; from then on all is `poisoned`
  | 'poisoned'
  | 'malformed'
  | 'locked'
  | 'unknown-key'
  | 'unparsable'
  | 'other-key' // the data holds another key than the request
  | 'flags'
  | 'rsa-sha1' // an RSA signature with SHA-1
  | 'rsa-sha2-256' // user keys sign RSA with SHA-512 only
  | 'git-text-unseen' // a git signature whose text nobody here has seen: `palmkey git` signs those
  | 'bad-signature'
  | 'unsupported'
  | 'no-upstream' // a key to add or remove, or a smart card: no agent of the person's stands behind this one
  | 'upstream-refused' // that agent did not do it
  | 'forwarded' // a file to be signed, or the agent to be locked, for somebody on another computer
  | 'flood';

/** What happened, for the log: no keys, only fingerprints. `connection` numbers the agent's connections from 1. */
export type AgentEvent = { readonly connection: number } & (
  | { readonly kind: 'bound'; readonly hostKey: string; readonly forwarding: boolean }
  | { readonly kind: 'listed'; readonly count: number }
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly detail?: string }
  | { readonly kind: 'signed' | 'upstream-signed'; readonly key: string }
  | { readonly kind: 'not-signed'; readonly code: string; readonly cause?: unknown }
  | { readonly kind: 'locked' | 'unlocked' }
);
