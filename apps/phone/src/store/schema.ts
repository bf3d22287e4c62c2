import type { DeviceKind } from '@palmkey/core/account';
import type { Answer, Protocols } from '@palmkey/core/requests';
import type { DeviceRow } from '../keyring/device-keyring.ts';
import type { UserKeyRow } from '../keyring/user-key.ts';
import type { HexId } from '../model/hex-id.ts';
import type { HistoryEntry, Outcome } from '../model/model.ts';

/** The version of the layout below. A change of it is a migration in `migrations.ts` and a new number here. */
export const SCHEMA_VERSION = 9;

/** A computer that this phone is paired with, and everything an account chain needs to take the pairing over. */
export interface PairingRow {
  /** The computer's device id. */
  readonly id: HexId;
  readonly signingKey: Uint8Array;
  readonly agreementKey: Uint8Array;
  /** How the computer calls itself. */
  readonly hostName: string;
  /** How the person called it, or null: then `hostName` is shown. */
  readonly givenName: string | null;
  /** The relay's origin. */
  readonly relay: string;
  /**
   * The pairing's transcript hash (32) and both signatures over it (64 each); spec/pairing.md. Null for a computer that
   * this phone knows by the account's chain alone.
   */
  readonly transcript: Uint8Array | null;
  readonly phoneSignature: Uint8Array | null;
  readonly hostSignature: Uint8Array | null;
  readonly pairedAt: number;
  readonly lastSeenAt: number | null;
  readonly software: string | null;
  /** The rendezvous id (32) that admits this phone at the relay; null once it was admitted. */
  readonly grant: Uint8Array | null;
  /** What it said last that it speaks; null: nothing, so protocol 1. */
  readonly speaks: Protocols | null;
  /** Until when it may not ask (Infinity: until switched on); null when it may. */
  readonly mutedUntil: number | null;
}

/** Which key a server had when a login to it was approved (spec/ssh.md, "Pins"). */
export interface PinRow {
  /** `pinId()` of name, port and key type. */
  readonly id: string;
  readonly name: string;
  readonly port: number;
  readonly keyType: string;
  /** SSH public key blob. */
  readonly hostKey: Uint8Array;
  readonly pinnedAt: number;
  /** The ids of the computers that claimed the name when a login was approved; at least one. */
  readonly computers: readonly HexId[];
}

/** A request that came, and what was answered. Kept longer than it could be repeated. */
export interface RequestRow {
  /** `<host id>/<request id>`, both hexadecimal: the same id with another hash is id-reuse. */
  readonly id: string;
  readonly host: HexId;
  readonly hash: HexId;
  /** The request as it came: what is parsed, shown and signed. */
  readonly bytes: Uint8Array;
  readonly receivedAt: number;
  /** This device's clock; receivedAt and the request's own length. */
  readonly endsAt: number;
  /** When the row may be forgotten. */
  readonly keepUntil: number;
  /** What was answered, or null while it waits or when it ended without an answer from here. */
  readonly answer: Answer | null;
  /** How it ended: the computer's word, or `expired` by our own clock; null while open. */
  readonly outcome: Outcome | null;
  /** The computer has settled it. */
  readonly settled: boolean;
  /** The permission that gave the answer, when it was one. */
  readonly permission: HexId | null;
}

/** What a permission covers (spec/permissions.md, "What it covers"). */
export type ScopeRow =
  | {
      readonly is: 'server';
      readonly name: string;
      readonly port: number;
      /** The server's plain key, an SSH public key blob; those of the servers on the way, origin first. */
      readonly hostKey: Uint8Array;
      readonly hops: readonly Uint8Array[];
      readonly user: string;
    }
  | { readonly is: 'computer' }
  | { readonly is: 'commits' };

/** A standing permission, or the mark of one that was ended: a row that is revoked stays so. */
export interface PermissionRow {
  /** 16 random bytes. */
  readonly id: HexId;
  readonly computer: HexId;
  readonly scope: ScopeRow;
  /** The user key's blob; null: every key of this phone. */
  readonly key: Uint8Array | null;
  readonly createdAt: number;
  readonly endsAt: number;
  readonly revokedAt: number | null;
  readonly uses: number;
  readonly lastUsedAt: number | null;
}

/** One line of the history; its id is `<computer's id>/<hash>`. */
export interface HistoryRow extends HistoryEntry {
  readonly id: string;
}

/** Which message numbers of one stream of one sender were seen (spec/envelope.md, "Opening", 6). */
export interface ReplayRow {
  /** `<sender id>/<stream>`, hexadecimal. */
  readonly id: string;
  /** `ReplayWindow`, encoded. */
  readonly window: Uint8Array;
  /** When every message that it saw is beyond the time check. */
  readonly forgetAfter: number;
}

/** A durable message that its relay has not confirmed yet. */
export interface OutboxRow {
  /** Its number, decimal. */
  readonly id: string;
  /** The relay's origin. */
  readonly relay: string;
  /** The recipient's device id; null for all other devices of the account. */
  readonly to: HexId | null;
  /** As it was sealed. */
  readonly body: Uint8Array;
  readonly postedAt: number;
  /** When it is of no use any more. */
  readonly expiresAt: number;
}

/** What the person chose; one row, id `settings`. */
export interface SettingsRow {
  readonly id: 'settings';
  readonly secondWayAcknowledged: boolean;
  /** The app lock; null: off. */
  readonly lock: LockRow | null;
}

/** The app lock as it is kept (spec/permissions.md, "The app lock"). */
export interface LockRow {
  /** 16 bytes, and PBKDF2-SHA-256 of the code over it, 32 bytes. */
  readonly salt: Uint8Array;
  readonly derived: Uint8Array;
  readonly iterations: number;
  readonly afterMinutes: number;
  readonly biometric: BiometricRow | null;
  /** Wrong tries since the last right one, and when the next is taken. */
  readonly failures: number;
  readonly retryAt: number;
}

/** A platform credential: its id, and the public key that its answers verify with. */
export interface BiometricRow {
  readonly credentialId: Uint8Array;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  /** COSE: −7 ES256, −8 EdDSA, −257 RS256. */
  readonly algorithm: number;
}

/** What the person chose about notifications; one row, id `notices`. */
export interface NoticesRow {
  readonly id: 'notices';
  readonly on: boolean;
  /** The relay that wakes this phone; null: none. */
  readonly relay: string | null;
  /** What stands on them: the question, or only that there is one. */
  readonly shows: 'question' | 'little';
  /** The user keys with which a routine login can be allowed from a notification. */
  readonly allowKeys: readonly HexId[];
}

/** The account that this device is a member of (spec/account.md); one row, id `account`. */
export interface AccountRow {
  readonly id: 'account';
  /** The account id (16). */
  readonly account: HexId;
  /** Counts the writes of this row: whoever writes has read the one before. */
  readonly revision: number;
  /** The newest head that a relay has told and replay has confirmed; null before. */
  readonly pin: HeadRow | null;
  /** Where this device has signed a link that may still come onto the chain; `endsAt`: until when, ms, or null. */
  readonly signed: (Omit<HeadRow, 'hash'> & { readonly prev: Uint8Array; readonly endsAt: number | null }) | null;
  /** Links of this device of which no relay has said what became of them, to be posted as they are; null: none. */
  readonly pending: PendingLinksRow | null;
  /** The origin of the relay that keeps the chain; null: none yet. */
  readonly relay: string | null;
  /** A per-user key, boxed for this device (108), and the previous seeds of it and of all before (76 each). */
  readonly box: Uint8Array;
  readonly seeds: readonly Uint8Array[];
  /** Computers of the account that this phone talks with no more. */
  readonly left: readonly HexId[];
  /** What is to be taken out of the account as soon as its relay is reached: of those, and this device by its former keys. */
  readonly ending: readonly HexId[];
  /** The account's last move that this device knows of; null, as where it is missing, which it was before version 8: none. */
  readonly moved?: MovedRow | null;
  /** Up to which link the computers that this phone knows are as the chain says; missing: not known. */
  readonly applied?: number;
}

/** That the account is at another relay than before (spec/account.md, "Another relay"). */
export interface MovedRow {
  /** Counts the account's moves, from 1. */
  readonly n: number;
  /** A member's signed word on it, for those who have not heard. */
  readonly notice: Uint8Array;
  /** The relay before, as long as it keeps the account; null once nothing is to be done about it. */
  readonly from: string | null;
  /** True: it has stayed where it was, against an earlier word, which computers may still follow. */
  readonly stayed?: true;
}

/** One row, id `moving`: a move that is under way, or one that waits for a sign-in at the new relay. */
export type MovingRow = MoveUnderWay | AwaitedSignIn;

/** The person has left the app to sign in at a relay that they want to move to. */
export interface AwaitedSignIn {
  readonly id: 'moving';
  /** That relay's origin. */
  readonly to: string;
  readonly step: 'signing-in';
}

/** What a step does is done again after a crash. */
export interface MoveUnderWay {
  readonly id: 'moving';
  /** The new relay's origin. */
  readonly to: string;
  /** What lets this device in there, 32 bytes; null: nothing is needed. */
  readonly grant: Uint8Array | null;
  /**
   * `posting` the chain, `copying` account data, `telling` the others: from then on there is no way back. `following`: the
   * notice is another member's.
   */
  readonly step: 'posting' | 'copying' | 'telling' | 'following';
  /** With `telling` and `following`. */
  readonly notice: Uint8Array | null;
}

/** The last link of a chain. */
export interface HeadRow {
  readonly seqno: number;
  /** 32 bytes. */
  readonly hash: Uint8Array;
}

/** What goes to the relay as one. */
export interface PendingLinksRow {
  /** What the links go on from; null where they begin the chain. */
  readonly prev: HeadRow | null;
  /** One after the other, as they are sent. */
  readonly links: Uint8Array;
  readonly boxes: readonly Uint8Array[];
  readonly seeds: readonly Uint8Array[];
}

/** One link of the chain. */
export interface LinkRow {
  /** Its seqno, five digits. */
  readonly id: string;
  readonly json: Uint8Array;
  readonly signature: Uint8Array;
}

/** What people know a device of the account by (spec/account.md, "Facts of a device"). */
export interface FactsRow {
  /** The device's id. */
  readonly id: HexId;
  readonly kind: DeviceKind;
  readonly name: string;
  /** 32 bytes. */
  readonly salt: Uint8Array;
  /** The relay keeps them for the other members. */
  readonly shared: boolean;
}

/** A record that a member writes for the others (spec/account.md, "Records of members"), in its latest state that is known. */
export interface SharedRow {
  /** The record's name. */
  readonly id: string;
  /** How often its member had written it then. */
  readonly counter: number;
  readonly body: Uint8Array;
  /** The generation of the per-user key that it is under at the relay. */
  readonly generation: number;
  /** Under which it stands at the relay; 0: it is not known to stand there. */
  readonly revision: number;
  /** Of this device's own: the relay has it so. */
  readonly sent: boolean;
}

/** Up to where account data was read; one row, id `sharing`. */
export interface SharingRow {
  readonly id: 'sharing';
  /** The relay's origin. */
  readonly relay: string;
  readonly revision: number;
  /** The generation of the per-user key by which all records were looked at last. */
  readonly generation: number;
}

/** A joining that is saved, and of which it is not certain that it is on the chain; one row, id `joining`. */
export interface JoiningRow {
  readonly id: 'joining';
  readonly device: DeviceRow;
  /** Its first user key. */
  readonly key: UserKeyRow;
  /** The account id (16), and the origin of the relay that keeps its chain. */
  readonly account: HexId;
  readonly relay: string;
  /** All links, one after the other, those that add this device at the end; and what those go on from. */
  readonly chain: Uint8Array;
  readonly prev: HeadRow;
  readonly head: HeadRow;
  readonly facts: FactsRow;
  /** The per-user key, boxed for this device (108), and the previous seeds of all generations (76 each). */
  readonly box: Uint8Array;
  readonly seeds: readonly Uint8Array[];
  /** What lets this device connect and post, 32 bytes; for ten minutes. */
  readonly grant: Uint8Array;
}

/** That everything else is kept locked (spec/account.md, "The passphrase"); one row, id `passphrase`, and none without one. */
export interface PassphraseRow {
  readonly id: 'passphrase';
  /** A locked file that says nothing: it has the generation and the salt, and opens by the right passphrase. */
  readonly check: Uint8Array;
}

/** New keys of this device, which may be on the chain and are not in use yet; one row, id `renewal`. */
export interface RenewalRow {
  readonly id: 'renewal';
  readonly device: DeviceRow;
}

/** Every table and its rows. Each row is found by its `id`. */
export interface Rows {
  device: DeviceRow;
  keys: UserKeyRow;
  pairings: PairingRow;
  pins: PinRow;
  requests: RequestRow;
  history: HistoryRow;
  replay: ReplayRow;
  settings: SettingsRow;
  permissions: PermissionRow;
  notices: NoticesRow;
  outbox: OutboxRow;
  account: AccountRow;
  links: LinkRow;
  facts: FactsRow;
  joining: JoiningRow;
  passphrase: PassphraseRow;
  renewal: RenewalRow;
  moving: MovingRow;
  shared: SharedRow;
  sharing: SharingRow;
}

export type TableName = keyof Rows;

export const TABLES: readonly TableName[] = [
  'device',
  'keys',
  'pairings',
  'pins',
  'requests',
  'history',
  'replay',
  'settings',
  'permissions',
  'notices',
  'outbox',
  'account',
  'links',
  'facts',
  'joining',
  'passphrase',
  'renewal',
  'moving',
  'shared',
  'sharing',
];
