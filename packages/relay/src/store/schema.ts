/** How a device came to be known. */
export type AdmittedVia =
  /** The relay's operator named its keys. */
  | 'operator'
  /** A rendezvous that is still open: the admission is taken back unless the rendezvous is closed with `keep`. */
  | 'open-rendezvous'
  /** A rendezvous that was closed with `keep`. */
  | 'rendezvous';

/** A device that the relay knows. */
export interface DevicesTable {
  id: Uint8Array;
  signing_key: Uint8Array;
  agreement_key: Uint8Array;
  admitted_by: Uint8Array | null;
  admitted_via: AdmittedVia;
  created_at: number;
}

/** Facts about the store itself, by name. */
export interface MetaTable {
  name: string;
  value: number;
}

export interface Schema {
  devices: DevicesTable;
  meta: MetaTable;
}

/** What each stored column tells whoever holds the store; SECURITY.md's list is made from it. */
export const storedColumns = {
  devices: {
    id: "the device's id, 16 bytes",
    signing_key: "the device's public signing key",
    agreement_key: "the device's public agreement key",
    admitted_by: 'the id of the device whose rendezvous let it in',
    admitted_via: 'whether the operator or a rendezvous let it in',
    created_at: 'when it was let in',
  },
  meta: {
    name: 'the name of a fact about the store: its version',
    value: 'that fact',
  },
} as const satisfies { [Table in keyof Schema]: Record<keyof Schema[Table], string> };
