/** What happened, one aligned line an event. */
import type { LogFact } from '@palmkey/host/control';
import { chainRefusal } from './account-words.ts';
import type { Paint } from './paint.ts';
import { subjectOf } from './picture.ts';
import { sayFor } from './problems/all.ts';
import { refusalWords } from './refusal-words.ts';
import { table } from './table.ts';
import { moment, span } from './times.ts';
import { visible } from './visible.ts';

/** Oldest first, as given. */
export function logLines(facts: readonly LogFact[], now: number, paint: Paint): string[] {
  return table(facts.map((fact) => [paint.quiet(moment(fact.at, now)), what(fact), how(fact, paint)]));
}

function what(fact: LogFact): string {
  const phone = fact.phone === null ? 'a phone' : visible(fact.phone);
  switch (fact.kind) {
    case 'login':
    case 'git':
    case 'file':
      return subjectOf({ ...fact, kind: fact.kind });
    case 'refused':
      if (fact.code === 'no-upstream' || fact.code === 'upstream-refused') return 'a change to the keys of ssh-add';
      return subjectOf({ ...fact, kind: 'login' });
    case 'paired':
      return `paired with ${phone}`;
    case 'unpaired':
      return `unpaired ${phone}`;
    case 'pairing-failed':
      return 'pairing';
    case 'enlisted':
      return 'this computer is in your account';
    case 'removed':
      return 'this computer is out of the account';
    case 'joined':
      return `${phone} of your account`;
    case 'revoked':
      return `${phone} was taken out of the account`;
    case 'account-refused':
      return 'your account';
    case 'moved':
      return `your account is at ${visible(fact.host ?? '')}`;
    case 'started':
      return fact.outcome === 'locked' ? 'Palmkey started, locked' : 'Palmkey started';
    case 'unlocked':
      return 'unlocked by the passphrase';
    case 'locked':
      return 'locked';
    case 'passphrase':
      return 'passphrase';
    case 'stopped':
      return 'Palmkey stopped';
  }
}

/** What came of waking a phone that then did not answer. */
function wakingWords(woken: LogFact['woken']): string {
  switch (woken) {
    case null:
      return '';
    case 'handed':
      return ' to a push';
    case 'no-registration':
      return ', no push set up';
    case 'refused':
      return ', the push service refused';
    case 'unreachable':
      return ', the push service out of reach';
  }
}

function how(fact: LogFact, paint: Paint): string {
  const phone = fact.phone === null ? '' : ` on ${visible(fact.phone)}`;
  const took = fact.tookMs === null ? '' : paint.quiet(` after ${span(fact.tookMs)}`);
  if (fact.kind === 'pairing-failed')
    return paint.unusual(sayFor(fact.outcome ?? '')?.({}, '').problem ?? fact.outcome ?? '');
  if (fact.kind === 'account-refused') return paint.bad(chainRefusal(fact.code));
  if (fact.kind === 'passphrase') return fact.outcome === 'refused' ? paint.bad('wrong') : (fact.outcome ?? '');
  if (fact.kind === 'removed' && fact.by === null) return 'by itself';
  if (fact.kind === 'moved' && fact.by === null) return 'by hand, here';
  if (fact.by !== null) return `by ${visible(fact.by)}`;
  if (!['login', 'git', 'file', 'refused'].includes(fact.kind)) return '';
  switch (fact.outcome) {
    case 'approved':
      if (fact.until !== null)
        return `${paint.good('allowed')}${phone}${paint.quiet(` until ${moment(fact.until, fact.at)}`)}`;
      return `${paint.good('approved')}${phone}${took}`;
    case 'rejected':
      return `${paint.bad('rejected')}${phone}${took}`;
    case 'passed':
      return `passed to another key${phone}${took}`;
    case 'withdrawn':
      return `${fact.kind === 'login' ? 'ssh' : 'it'} left before an answer${took}`;
    case 'expired':
      return `${paint.unusual('no answer')}${wakingWords(fact.woken)}${took}`;
    case 'failed':
      return paint.bad(`failed${fact.code === null ? '' : `: ${refusalWords(fact.code, fact.skewMs)}`}`);
    default:
      return paint.bad(`refused${phone}: ${refusalWords(fact.code, fact.skewMs)}`);
  }
}
