import * as v from 'valibot';
import { bytesBetween, time } from './fields.ts';

/** Why a phone refuses without asking the person (spec/requests.md, "Answers"). */
export const refusalCodes = [
  'unparsable',
  'bad-bind',
  'unknown-key',
  'id-reuse',
  'clock-skew',
  'expired',
  'busy',
  'too-many',
  'muted',
] as const;
/** One of {@link refusalCodes}. */
export type RefusalCode = (typeof refusalCodes)[number];

/** The longest signature in an answer, bytes. */
export const MAX_ANSWER_SIGNATURE_BYTES = 4096;

/** The schema of {@link Answer}; `skew` is the phone's now − sent in ms for `clock-skew`, nil for every other code. */
export const answerSchema = v.variant('is', [
  v.strictObject({
    is: v.literal('approve'),
    signature: bytesBetween(0, MAX_ANSWER_SIGNATURE_BYTES),
    /** When the permission ends that gave it; left out where a person did, and towards a peer of protocol 1. */
    until: v.optional(time),
  }),
  v.strictObject({ is: v.literal('reject') }),
  v.strictObject({ is: v.literal('pass') }),
  v.pipe(
    v.strictObject({
      is: v.literal('refuse'),
      code: v.picklist(refusalCodes),
      skew: v.nullable(v.pipe(v.number(), v.safeInteger())),
    }),
    v.check(({ code, skew }) => (code === 'clock-skew') === (skew !== null)),
  ),
]);

/**
 * What a phone answers to a request: the person's yes, no, or "with another key" (`pass`, protocol 2), or the phone's own
 * refusal.
 */
export type Answer = v.InferOutput<typeof answerSchema>;
