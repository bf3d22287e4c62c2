import type { Generated } from 'kysely';
/** How a device came to be known. */
export type AdmittedVia = 
/** The relay's operator named its keys. */
'operator'
/** It connected while the relay was open; known only as long as the relay is. */
 | 'open'
/** A rendezvous that is still open: the admission is taken back unless the rendezvous is closed with `keep`. */
 | 'open-rendezvous'
/** A rendezvous that was closed with `keep`. */
 | 'rendezvous' | 'invitation' | 'github'
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
export declare const storedColumns: {
    readonly devices: {
        readonly id: "the device's id, 16 bytes";
        readonly account: "the account that it belongs to";
        readonly signing_key: "the device's public signing key";
        readonly agreement_key: "the device's public agreement key";
        readonly admitted_by: "the id of the device whose rendezvous or invitation let it in";
        readonly admitted_via: "what let it in: the operator, an open relay, a rendezvous, an invitation, GitHub, a chain";
        readonly created_at: "when it was let in";
        readonly seen_on: "the day on which it was last connected";
        readonly blocked_at: "when the operator blocked it, if so";
    };
    readonly accounts: {
        readonly id: "the id of the device that began the account";
        readonly created_at: "when it was begun";
        readonly github_user: "the number of the person's GitHub account, where they signed in with it";
        readonly blocked_at: "when the operator blocked it, if so";
    };
    readonly invitations: {
        readonly grant_hash: "a hash by which the code of an invitation is known again";
        readonly created_by: "the device that invites; nobody: the operator";
        readonly joins: "the account that the invited device will belong to; none: one of its own";
        readonly uses_left: "how many it still lets in";
        readonly created_at: "when it was made";
        readonly expires_at: "until when it is good";
    };
    readonly sign_ins: {
        readonly state_hash: "a hash by which a sign-in at GitHub is known again, ten minutes at most";
        readonly cookie_hash: "the same of the browser's cookie";
        readonly verifier: "the secret that proves to GitHub that the relay began the sign-in";
        readonly signing_key: "the public signing key of the device that is to be let in";
        readonly agreement_key: "its public agreement key";
        readonly back: "the address of the app that the browser goes back to";
        readonly expires_at: "until when it is good";
    };
    readonly sign_in_nonces: {
        readonly nonce_hash: "a hash by which a nonce that a sign-in begins with is known again, two minutes at most";
        readonly expires_at: "until when it is good";
    };
    readonly github_names: {
        readonly kind: "whether a name is of a person or of an organisation";
        readonly name: "a login or an organisation of the operator's own list, from when somebody was first let in by it";
        readonly number: "the number that GitHub knew it by then";
        readonly pinned_at: "when that was";
    };
    readonly rendezvous: {
        readonly id: "that a pairing is under way, an hour at most";
        readonly opened_by: "the device that opened it";
        readonly admitted: "the device that it let in";
        readonly nameplate: "the short number by which it can be found, negative once that is used";
        readonly bytes: "the size of all messages that were left there";
        readonly expires_at: "until when it is open";
    };
    readonly rendezvous_messages: {
        readonly rendezvous: "the rendezvous that a message was left at, an hour at most";
        readonly sender: "a random name of one side";
        readonly seqno: "the order of its messages";
        readonly msg: "the size of a box that it cannot open";
    };
    readonly push_registrations: {
        readonly device: "a device that is reached by push when it is away";
        readonly endpoint: "the address that the browser's push service gave it";
        readonly p256dh: "the public key to which pushes to it are encrypted";
        readonly auth: "the secret that its push service does not know";
        readonly created_at: "when it registered";
    };
    readonly mail: {
        readonly row: "the order in which durable mail was taken";
        readonly recipient: "the device that it is for";
        readonly sender: "the device that it is from";
        readonly number: "the number by which its sender sends it again";
        readonly frame: "its size, and a body that it cannot open";
        readonly expires_at: "until when it is kept, unless its recipient acks it";
    };
    readonly chains: {
        readonly id: "that an account has a chain, and its id";
        readonly account: "the relay's own account that it belongs to";
        readonly head_seqno: "how many links it has";
        readonly head_hash: "the hash of the last one";
        readonly bytes: "the size of all of them";
        readonly records_revision: "how often its account data was written";
    };
    readonly chain_links: {
        readonly chain: "the chain of a link";
        readonly seqno: "its place";
        readonly link: "public keys and ids of devices, who added or revoked which as what and when by its own clock, and signatures";
    };
    readonly chain_devices: {
        readonly chain: "a chain that a device is or was on, as its links say";
        readonly device: "the device's id";
        readonly kind: "whether it decides, asks, or is kept as words";
        readonly revoked_by: "the link by which it was revoked, if so";
    };
    readonly chain_boxes: {
        readonly chain: "the chain of a per-user key";
        readonly generation: "its generation";
        readonly receiver: "the member that a box of it is for";
        readonly box: "which member made the box, and a box that the relay cannot open";
    };
    readonly chain_seeds: {
        readonly chain: "the chain of a per-user key";
        readonly generation: "its generation";
        readonly seed: "a box that the relay cannot open";
    };
    readonly chain_records: {
        readonly chain: "the chain that a record of account data is kept for";
        readonly name: "the name that members gave it: what it is about and the id of a device";
        readonly revision: "in which order the records were written";
        readonly record: "its size, and a body that the relay cannot open";
    };
    readonly chain_grants: {
        readonly grant_hash: "a hash by which the grant of a device that joins is known again, ten minutes at most";
        readonly chain: "the chain that it joins";
        readonly created_by: "the member that asked for the grant";
        readonly device: "the device that has shown it, before it has joined";
        readonly expires_at: "until when it is good";
    };
    readonly secrets: {
        readonly name: "the name of one of the relay's own keys";
        readonly value: "that key: with it the relay signs what it says to push services";
    };
    readonly meta: {
        readonly name: "the name of a fact about the store: its version";
        readonly value: "that fact";
    };
};
