/** The control socket's calls for where keys were used. */
import * as v from 'valibot';
import type { KeyUse, Place } from '../key-uses/key-uses.ts';

/** A key that a phone has, or had before it was unpaired. */
export interface UsedKeyFact {
  /** `SHA256:…` */
  readonly fingerprint: string;
  readonly type: string;
  readonly comment: string;
  /** The line for authorized_keys. */
  readonly line: string;
  /** The phone that had it last. */
  readonly phone: string;
  /** Whether a paired phone has it now. */
  readonly held: boolean;
}

export type UseFact = KeyUse;

export interface KeyUsesFact {
  /** A use may be of a key that is not here: of before keys were kept. */
  readonly keys: readonly UsedKeyFact[];
  /** The latest first. */
  readonly uses: readonly UseFact[];
}

export interface UseCalls {
  readonly 'key-uses': { readonly args: object; readonly event: never; readonly result: KeyUsesFact };
  /** Says that the key `by` has taken the place of `keys` (all by fingerprint) there. Errors: those of StateError. */
  readonly 'key-replaced': {
    readonly args: Pick<Place, 'user' | 'host' | 'port'> & { readonly keys: readonly string[]; readonly by: string };
    readonly event: never;
    readonly result: null;
  };
  /** Has a key offered first to the servers with these host keys, whatever the rules say, until the connection ends. */
  readonly 'lead-with': {
    readonly args: { readonly key: string; readonly servers: readonly string[] };
    readonly event: never;
    readonly result: null;
  };
}

const hash = v.pipe(v.string(), v.regex(/^SHA256:[A-Za-z0-9+/]{43}$/));

export const useSchemas: { [Name in keyof UseCalls]: v.GenericSchema<unknown, UseCalls[Name]['args']> } = {
  'key-uses': v.object({}),
  'key-replaced': v.object({
    keys: v.pipe(v.array(hash), v.maxLength(1000)),
    by: hash,
    user: v.nullable(v.string()),
    host: v.nullable(v.string()),
    port: v.nullable(v.number()),
  }),
  'lead-with': v.object({ key: hash, servers: v.pipe(v.array(hash), v.maxLength(1000)) }),
};
