/** What a terminal says while something waits for a phone: one line, each replacing the one before. */
import type { AskProgress } from '@palmkey/host';
import { refusalWords } from './refusal-words.ts';
import { listed } from './listed.ts';
import { moment } from './times.ts';
import { visible } from './visible.ts';

type Ended = Extract<AskProgress, { is: 'ended' }>;

/** The line for one step. `now` is the wall clock. */
export function askWords(progress: AskProgress, now: () => number): string {
  return `Palmkey ▶ ${words(progress, now)}`;
}

function words(progress: AskProgress, now: () => number): string {
  switch (progress.is) {
    case 'asking':
      return `asking ${listed(progress.phones)}…`;
    case 'unreceived':
      return progress.absent
        ? `${notConnected(progress.phones)}: open the app there…`
        : `no sign of ${listed(progress.phones, 'or')} yet: is the app open there?`;
    case 'received':
      return progress.holds
        ? `${visible(progress.by)} has it, waiting for you…`
        : `${visible(progress.by)} shows it, the key is on ${listed(progress.phones, 'or')}…`;
    case 'woken':
      return waking(progress);
    case 'not-understood':
      return `${visible(progress.by)} runs a newer Palmkey: update this computer`;
    case 'ended':
      return ending(progress, now);
  }
}

function waking({ by, woken }: Extract<AskProgress, { is: 'woken' }>): string {
  const phone = visible(by);
  switch (woken) {
    case 'handed':
      return `waking ${phone} by push…`;
    case 'no-registration':
      return `${phone} does not answer and has no push set up: open the app there…`;
    case 'refused':
      return `the push service refused to wake ${phone}: open the app there…`;
    case 'unreachable':
      return `the push service that would wake ${phone} cannot be reached: open the app there…`;
  }
}

function ending(ended: Ended, now: () => number): string {
  const on = ended.by === null ? '' : ` on ${visible(ended.by)}`;
  const then = next(ended);
  switch (ended.outcome) {
    case 'approved':
      if (ended.until === null) return `approved${on}`;
      return `allowed until ${moment(ended.until, now())}${ended.by === null ? '' : ` (${visible(ended.by)})`}`;
    case 'rejected':
      return `rejected${on}${then}`;
    case 'passed':
      return ended.kind === 'login'
        ? `passed on to another key${ended.by === null ? '' : ` (${visible(ended.by)})`}`
        : `not with this key, said${on}${then}`;
    case 'withdrawn':
      return 'nobody waits for an answer any more';
    case 'expired':
      if (ended.received) return `no answer on ${listed(ended.phones, 'or')} in time${then}`;
      if (ended.woken === 'handed') return `no answer, a push did not bring ${listed(ended.phones, 'or')} here${then}`;
      return ended.absent ? `${notConnected(ended.phones)}${then}` : `no answer in 30 s${then}`;
    case 'failed':
      return `${failing(ended)}${then}`;
  }
}

function failing({ code, by, skew, phones }: Ended): string {
  const phone = by === null ? listed(phones, 'or') : visible(by);
  switch (code) {
    case null:
      return `${phone} could not be asked`;
    case 'update-us':
      return `${phone} runs a newer Palmkey: update this computer`;
    case 'update-phone':
    case 'phone-too-old':
      return `${phone} runs an older Palmkey: reload the app there`;
    case 'unpaired':
      return `${phone} is paired no more`;
    case 'revoked':
      return `${phone} was taken out of your account, so its answer does not count`;
    case 'account-refused':
      return 'your account is in doubt, so nobody is asked: palmkey account says why';
    case 'keys-locked':
      return 'locked: palmkey unlock opens it';
    default:
      return `${phone} refused: ${refusalWords(code, skew)}`;
  }
}

/** What becomes of it without a phone. */
function next({ kind }: Ended): string {
  return kind === 'login' ? ', going on with local keys' : '';
}

function notConnected(phones: readonly string[]): string {
  return `${listed(phones)} ${phones.length === 1 ? 'is' : 'are'} not connected`;
}
