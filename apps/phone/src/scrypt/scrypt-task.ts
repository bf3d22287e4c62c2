/** What the page gives the scrypt worker; core's `Scrypt` port says what each is. */
export interface ScryptTask {
  readonly password: Uint8Array;
  readonly salt: Uint8Array;
  readonly cost: number;
  readonly outBytes: number;
}

/** What comes back: as many bytes as were asked for. */
export type ScryptAnswer = Uint8Array;
