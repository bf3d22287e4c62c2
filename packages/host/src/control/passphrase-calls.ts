/** The control socket's calls about the passphrase that locks this computer's keys. */
import * as v from 'valibot';

/** More than the longest that may be set, in UTF-16. */
const maxTyped = 2048;

export interface PassphraseCalls {
  /**
   * Opens the keys; nothing happens where they are open. Whoever calls next finds a daemon that has begun anew.
   * Errors: `wrong-passphrase`, `passphrase-busy`, those of StateError.
   */
  readonly unlock: { readonly args: { readonly passphrase: string }; readonly event: never; readonly result: null };
  /** Forgets them until then. Errors: `no-passphrase`. */
  readonly lock: { readonly args: object; readonly event: never; readonly result: null };
  /**
   * Sets the passphrase (`old` null), changes it, or removes it (`next` null). Errors: `no-passphrase`, `passphrase-set`,
   * `passphrase-unfit` (detail: `why`), `wrong-passphrase`, `passphrase-busy`, those of StateError. Then nothing has changed.
   */
  readonly 'change-passphrase': {
    readonly args: { readonly old: string | null; readonly next: string | null };
    readonly event: never;
    readonly result: null;
  };
}

const typed = v.pipe(v.string(), v.maxLength(maxTyped));

export const passphraseSchemas: {
  [Name in keyof PassphraseCalls]: v.GenericSchema<unknown, PassphraseCalls[Name]['args']>;
} = {
  unlock: v.object({ passphrase: typed }),
  lock: v.object({}),
  'change-passphrase': v.object({ old: v.nullable(typed), next: v.nullable(typed) }),
};
