/** Whether phones that are away can be woken: by their relay, and as far as the last push to each of them told. */
import * as v from 'valibot';
import type { PhoneFact } from '../control/protocol.ts';
import { type Finding, finding, type FindingCode } from './finding.ts';

const withinMs = 4_000;
/** What of a relay's word on itself matters here (spec/relay.md, "Other HTTP"). */
const about = v.looseObject({ push: v.nullable(v.looseObject({ key: v.string() })) });

/** `url`: the relay's origin. Nothing where it does not answer: that is said of the relay itself. */
export async function checkRelayPush(url: string): Promise<Finding[]> {
  let answer: unknown;
  try {
    const response = await fetch(`${url}/v1/relay`, { signal: AbortSignal.timeout(withinMs), redirect: 'error' });
    // A relay that does not know the question is from before push.
    answer = response.status === 404 ? { push: null } : await response.json();
  } catch {
    return [];
  }
  const parsed = v.safeParse(about, answer);
  if (!parsed.success) return [];
  return [finding('push', parsed.output.push === null ? 'push-none' : 'push-fine', { url })];
}

/** A phone's registration is its relay's to know: what is said here is what came of the last push. */
export function checkPhonePush(phones: readonly PhoneFact[]): Finding[] {
  return phones.flatMap(({ name, push }) =>
    push === null ? [] : [finding('push', codes[push.woken], { name, at: push.at })],
  );
}

const codes: Readonly<Record<NonNullable<PhoneFact['push']>['woken'], FindingCode>> = {
  handed: 'push-handed',
  'no-registration': 'push-not-set-up',
  refused: 'push-refused',
  unreachable: 'push-unreachable',
};
