import type { Generated } from 'kysely';

/** How a device came to be known. */
export type AdmittedVia =
  /** The relay's operator named its keys. */
  | 'operator'
  /** It connected while the relay was open; known only as long as the relay is. */
  | 'open'
  /** A rendezvous that is still open: the admission is taken back unless the rendezvous is closed with `keep`. */
  | 'open-rendezvous'
  /** A rendezvous that was closed with `keep`. */
  | 'rendezvous'
  | 'invitation'
  | 'github'
  /** A link of the chain that its account has. */
  | 'chain';

/** A device that the relay knows. */
export interface DevicesTable {
  id: Uint8Array;
  account: Uint8Array;
  signing_key: Uint8Array;
  agreement_key: Uint8Array;
  admitted_by: Uint8Array | null;
  admitted_via: AdmittedVia;
  created_at: number;
  seen_on: number;
  blocked_at: number | null;
}

/** The accounts; `id` is the id of the device that began it. */
export interface AccountsTable {
  id: Uint8Array;
  created_at: number;
  github_user: number | null;
  blocked_at: number | null;
}

/** Invitations that are still good. */
export interface InvitationsTable {
  grant_hash: Uint8Array;
  created_by: Uint8Array | null;
  joins: Uint8Array | null;
  uses_left: number;
  created_at: number;
  expires_at: number;
}

/** GitHub sign-ins that are under way, ten minutes at most. */
export interface SignInsTable {
  state_hash: Uint8Array;
  cookie_hash: Uint8Array;
  verifier: string;
  signing_key: Uint8Array;
  agreement_key: Uint8Array;
  back: string;
  expires_at: number;
}

/** Nonces that were given for sign-ins and not used yet, two minutes at most. */
export interface SignInNoncesTable {
  nonce_hash: Uint8Array;
  expires_at: number;
}

/** What a name at GitHub is of. */
export type GithubNameKind = 'user' | 'organisation';

/** Names of the operator's list, with the numbers that they had at GitHub when they were first met. */
export interface GithubNamesTable {
  kind: GithubNameKind;
  name: string;
  number: number;
  pinned_at: number;
}

/** The rendezvous that are open, an hour at most. */
export interface RendezvousTable {
  id: Uint8Array;
  opened_by: Uint8Array;
  admitted: Uint8Array | null;
  nameplate: number | null;
  bytes: number;
  expires_at: number;
}

export interface RendezvousMessagesTable {
  rendezvous: Uint8Array;
  sender: Uint8Array;
  seqno: number;
  msg: Uint8Array;
}

/** Where devices are reached that are away. */
export interface PushRegistrationsTable {
  device: Uint8Array;
  endpoint: string;
  p256dh: Uint8Array;
  auth: Uint8Array;
  created_at: number;
}

/** Durable mail that its recipient has not acked. */
export interface MailTable {
  row: number;
  recipient: Uint8Array;
  sender: Uint8Array;
  number: number;
  frame: Uint8Array;
  expires_at: number;
}

/** The chains of accounts (spec/account.md): at most one for each account of the relay's. */
export interface ChainsTable {
  id: Uint8Array;
  account: Uint8Array;
  head_seqno: number;
  head_hash: Uint8Array;
  bytes: number;
  /** How often account data was written: the revision of the record that was written last. */
  records_revision: Generated<number>;
}

/** The links of the chains, as they were posted: `u16 length ‖ JSON ‖ signature`. */
export interface ChainLinksTable {
  chain: Uint8Array;
  seqno: number;
  link: Uint8Array;
}

/** The devices that are, or were, on a chain: what its links say, to be asked for. */
export interface ChainDevicesTable {
  chain: Uint8Array;
  device: Uint8Array;
  kind: 'member' | 'paper' | 'host';
  /** The seqno of the link that revoked it; null while it is active. */
  revoked_by: number | null;
}

/** Boxes of the latest per-user key, one for each member. */
export interface ChainBoxesTable {
  chain: Uint8Array;
  generation: number;
  receiver: Uint8Array;
  box: Uint8Array;
}

/** What leads from each generation of the per-user key to the one before. */
export interface ChainSeedsTable {
  chain: Uint8Array;
  generation: number;
  seed: Uint8Array;
}

/** Account data. A name is ASCII, and bytes so that every store tells names apart in the same way. */
export interface ChainRecordsTable {
  chain: Uint8Array;
  name: Uint8Array;
  revision: number;
  record: Uint8Array;
}

/** Grants by which a new device joins a chain, ten minutes at most. */
export interface ChainGrantsTable {
  grant_hash: Uint8Array;
  chain: Uint8Array;
  created_by: Uint8Array;
  device: Uint8Array | null;
  expires_at: number;
}

/** Keys of the relay's own. */
export interface SecretsTable {
  name: string;
  value: Uint8Array;
}

/** Facts about the store itself, by name. */
export interface MetaTable {
  name: string;
  value: number;
}

export interface Schema {
  devices: DevicesTable;
  accounts: AccountsTable;
  invitations: InvitationsTable;
  sign_ins: SignInsTable;
  sign_in_nonces: SignInNoncesTable;
  github_names: GithubNamesTable;
  rendezvous: RendezvousTable;
  rendezvous_messages: RendezvousMessagesTable;
  push_registrations: PushRegistrationsTable;
  mail: MailTable;
  chains: ChainsTable;
  chain_links: ChainLinksTable;
  chain_devices: ChainDevicesTable;
  chain_boxes: ChainBoxesTable;
  chain_seeds: ChainSeedsTable;
  chain_records: ChainRecordsTable;
  chain_grants: ChainGrantsTable;
  secrets: SecretsTable;
  meta: MetaTable;
}

/** What each stored column tells whoever holds the store; SECURITY.md's list is made from it. */
export const storedColumns = {
  devices: {
    id: "the device's id, 16 bytes",
    account: 'the account that it belongs to',
    signing_key: "the device's public signing key",
    agreement_key: "the device's public agreement key",
    admitted_by: 'the id of the device whose rendezvous or invitation let it in',
    admitted_via: 'what let it in: the operator, an open relay, a rendezvous, an invitation, GitHub, a chain',
    created_at: 'when it was let in',
    seen_on: 'the day on which it was last connected',
    blocked_at: 'when the operator blocked it, if so',
  },
  accounts: {
    id: 'the id of the device that began the account',
    created_at: 'when it was begun',
    github_user: "the number of the person's GitHub account, where they signed in with it",
    blocked_at: 'when the operator blocked it, if so',
  },
  invitations: {
    grant_hash: 'a hash by which the code of an invitation is known again',
    created_by: 'the device that invites; nobody: the operator',
    joins: 'the account that the invited device will belong to; none: one of its own',
    uses_left: 'how many it still lets in',
    created_at: 'when it was made',
    expires_at: 'until when it is good',
  },
  sign_ins: {
    state_hash: 'a hash by which a sign-in at GitHub is known again, ten minutes at most',
    cookie_hash: "the same of the browser's cookie",
    verifier: 'the secret that proves to GitHub that the relay began the sign-in',
    signing_key: 'the public signing key of the device that is to be let in',
    agreement_key: 'its public agreement key',
    back: 'the address of the app that the browser goes back to',
    expires_at: 'until when it is good',
  },
  sign_in_nonces: {
    nonce_hash: 'a hash by which a nonce that a sign-in begins with is known again, two minutes at most',
    expires_at: 'until when it is good',
  },
  github_names: {
    kind: 'whether a name is of a person or of an organisation',
    name: "a login or an organisation of the operator's own list, from when somebody was first let in by it",
    number: 'the number that GitHub knew it by then',
    pinned_at: 'when that was',
  },
  rendezvous: {
    id: 'that a pairing is under way, an hour at most',
    opened_by: 'the device that opened it',
    admitted: 'the device that it let in',
    nameplate: 'the short number by which it can be found, negative once that is used',
    bytes: 'the size of all messages that were left there',
    expires_at: 'until when it is open',
  },
  rendezvous_messages: {
    rendezvous: 'the rendezvous that a message was left at, an hour at most',
    sender: 'a random name of one side',
    seqno: 'the order of its messages',
    msg: 'the size of a box that it cannot open',
  },
  push_registrations: {
    device: 'a device that is reached by push when it is away',
    endpoint: "the address that the browser's push service gave it",
    p256dh: 'the public key to which pushes to it are encrypted',
    auth: 'the secret that its push service does not know',
    created_at: 'when it registered',
  },
  mail: {
    row: 'the order in which durable mail was taken',
    recipient: 'the device that it is for',
    sender: 'the device that it is from',
    number: 'the number by which its sender sends it again',
    frame: 'its size, and a body that it cannot open',
    expires_at: 'until when it is kept, unless its recipient acks it',
  },
  chains: {
    id: 'that an account has a chain, and its id',
    account: "the relay's own account that it belongs to",
    head_seqno: 'how many links it has',
    head_hash: 'the hash of the last one',
    bytes: 'the size of all of them',
    records_revision: 'how often its account data was written',
  },
  chain_links: {
    chain: 'the chain of a link',
    seqno: 'its place',
    link: 'public keys and ids of devices, who added or revoked which as what and when by its own clock, and signatures',
  },
  chain_devices: {
    chain: 'a chain that a device is or was on, as its links say',
    device: "the device's id",
    kind: 'whether it decides, asks, or is kept as words',
    revoked_by: 'the link by which it was revoked, if so',
  },
  chain_boxes: {
    chain: 'the chain of a per-user key',
    generation: 'its generation',
    receiver: 'the member that a box of it is for',
    box: 'which member made the box, and a box that the relay cannot open',
  },
  chain_seeds: {
    chain: 'the chain of a per-user key',
    generation: 'its generation',
    seed: 'a box that the relay cannot open',
  },
  chain_records: {
    chain: 'the chain that a record of account data is kept for',
    name: 'the name that members gave it: what it is about and the id of a device',
    revision: 'in which order the records were written',
    record: 'its size, and a body that the relay cannot open',
  },
  chain_grants: {
    grant_hash: 'a hash by which the grant of a device that joins is known again, ten minutes at most',
    chain: 'the chain that it joins',
    created_by: 'the member that asked for the grant',
    device: 'the device that has shown it, before it has joined',
    expires_at: 'until when it is good',
  },
  secrets: {
    name: "the name of one of the relay's own keys",
    value: 'that key: with it the relay signs what it says to push services',
  },
  meta: {
    name: 'the name of a fact about the store: its version',
    value: 'that fact',
  },
} as const satisfies { [Table in keyof Schema]: Record<keyof Schema[Table], string> };
