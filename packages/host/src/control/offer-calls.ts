/** The control socket's calls for which key is offered where. */
import * as v from 'valibot';

export interface OffersFact {
  /** The phones' keys, those that are preferred first. */
  readonly keys: readonly {
    /** `SHA256:…` */
    readonly fingerprint: string;
    /** The host patterns that it is offered to; null: everywhere. */
    readonly to: readonly string[] | null;
  }[];
  /** Patterns of hosts that no key of a phone is offered to. */
  readonly off: readonly string[];
}

/**
 * Each answers with what holds from then on. Errors: `no-such-key`; `bad-pattern`, `only-negated`, `no-such-pattern`,
 * `too-many-rules` (detail: `pattern`); those of StateError. Then nothing has changed.
 */
export interface OfferCalls {
  readonly offers: { readonly args: object; readonly event: never; readonly result: OffersFact };
  /** Offers a key (by its fingerprint) to these hosts alone; null: everywhere. */
  readonly offer: {
    readonly args: { readonly key: string; readonly to: readonly string[] | null };
    readonly event: never;
    readonly result: OffersFact;
  };
  /** Puts a key before all others. */
  readonly prefer: {
    readonly args: { readonly key: string };
    readonly event: never;
    readonly result: OffersFact;
  };
  /** Switches all keys of phones off for hosts, or on again. */
  readonly 'offer-off': {
    readonly args: { readonly pattern: string; readonly off: boolean };
    readonly event: never;
    readonly result: OffersFact;
  };
}

const patterns = v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(1000), v.readonly());

export const offerSchemas: { [Name in keyof OfferCalls]: v.GenericSchema<unknown, OfferCalls[Name]['args']> } = {
  offers: v.object({}),
  offer: v.object({ key: v.string(), to: v.nullable(patterns) }),
  prefer: v.object({ key: v.string() }),
  'offer-off': v.object({ pattern: v.string(), off: v.boolean() }),
};
