/**
 * What a running relay's control socket speaks: one JSON object a line, in both directions, on a Unix socket of mode
 * 0600. A call is `{id, call, ...}`, and it ends with `{id, result}` or `{id, error}`. Everything here is facts; the
 * command line puts them into words.
 */
import * as v from 'valibot';

/** What an order is about: a device, an account with all its devices, or an invitation. */
export type SubjectKind = 'device' | 'account' | 'invitation';

export interface RelayStatusFact {
  readonly version: string;
  readonly pid: number;
  readonly startedAt: number;
  readonly url: string;
  /** Devices connected to this node. */
  readonly devices: number;
  /** Whether other nodes may be there, which hear of an order by the bus. */
  readonly cluster: boolean;
}

/** A new invitation: the only time that its code is told. */
export interface InvitedFact {
  /** 20 characters in groups of five. */
  readonly code: string;
  readonly uses: number;
  readonly expiresAt: number;
}

export interface InvitationFact {
  /** A hash of the grant, 64 hexadecimal digits: nobody is let in by it. */
  readonly id: string;
  /** The account that whoever uses it joins, hex; null: one of their own. */
  readonly joins: string | null;
  readonly usesLeft: number;
  readonly createdAt: number;
  readonly expiresAt: number;
}

export interface AccountFact {
  /** 32 hexadecimal digits: the id of the device that began it. */
  readonly id: string;
  readonly devices: number;
  readonly createdAt: number;
  readonly githubUser: number | null;
  /** Its chain's id, 32 hexadecimal digits, and how many links that has; null where it has none. */
  readonly chain: { readonly id: string; readonly links: number } | null;
  readonly blockedAt: number | null;
}

export interface DeviceFact {
  /** DeviceId, 32 hexadecimal digits. */
  readonly id: string;
  readonly account: string;
  readonly via: string;
  /** The device that let it in; null where none did. */
  readonly admittedBy: string | null;
  readonly createdAt: number;
  /** The day on which it was last connected, ms since 1970 of its beginning; null: never. */
  readonly seenAt: number | null;
  readonly blockedAt: number | null;
  /** Whether it is connected, to whichever node; null where no relay runs that could know. */
  readonly connected: boolean | null;
  /** Whether it has registered for push. */
  readonly push: boolean;
}

/** An order that was followed, with its subject's whole id. */
export interface DoneFact {
  readonly kind: SubjectKind;
  readonly id: string;
}

/** A list, and whether there is more than was asked for. */
export interface ListFact<Row> {
  readonly rows: readonly Row[];
  readonly more: boolean;
}

const listing = v.object({ limit: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_000)) });
/** The beginning of an id, hexadecimal. */
const beginning = v.pipe(v.string(), v.regex(/^[0-9a-f]{1,64}$/));
const order = v.object({ kind: v.picklist(['device', 'account']), beginning });
const invitation = v.object({
  uses: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_000)),
  lifetimeMs: v.pipe(v.number(), v.integer(), v.minValue(1000), v.maxValue(366 * 86_400_000)),
});

/** The arguments of each call. */
export const callSchemas = {
  status: v.object({}),
  invite: invitation,
  invitations: listing,
  accounts: listing,
  devices: listing,
  block: order,
  unblock: order,
  remove: v.object({ kind: v.picklist(['device', 'account', 'invitation']), beginning }),
} as const;

export type CallName = keyof typeof callSchemas;
export type CallArgs<Name extends CallName> = v.InferOutput<(typeof callSchemas)[Name]>;

interface Results {
  readonly status: RelayStatusFact;
  readonly invite: InvitedFact;
  readonly invitations: ListFact<InvitationFact>;
  readonly accounts: ListFact<AccountFact>;
  readonly devices: ListFact<DeviceFact>;
  readonly block: DoneFact;
  readonly unblock: DoneFact;
  readonly remove: DoneFact;
}

export type CallResult<Name extends CallName> = Results[Name];

/** All that an operator can ask: of a running relay, or of its store. Each rejects with {@link OperatorError}. */
export type OperatorDesk = {
  readonly [Name in CallName]: (args: CallArgs<Name>) => Promise<CallResult<Name>>;
};
