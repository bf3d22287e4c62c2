/** What ssh's terminal says while a login waits for the phone: one line, each replacing the one before. */
import type { LoginProgress } from '@palmkey/host';
import { refusalWords } from './refusal-words.ts';
import { visible } from './visible.ts';

const local = 'going on with local keys';

/** The line for one step of a login. */
export function loginWords(progress: LoginProgress): string {
  return `Palmkey ▶ ${words(progress, visible(progress.phone))}`;
}

function words(progress: LoginProgress, phone: string): string {
  switch (progress.is) {
    case 'asking':
      return `asking ${phone}…`;
    case 'unreceived':
      return progress.absent
        ? `${phone} is not connected: open the app there…`
        : `no sign of ${phone} yet: is the app open there?`;
    case 'received':
      return `${phone} has it, waiting for you…`;
    case 'ended':
      return ending(progress, phone);
  }
}

function ending(ended: Extract<LoginProgress, { is: 'ended' }>, phone: string): string {
  switch (ended.outcome) {
    case 'approved':
      return `approved on ${phone}`;
    case 'rejected':
      return `rejected on ${phone}, ${local}`;
    case 'withdrawn':
      return 'ssh left before an answer';
    case 'expired':
      if (ended.received) return `no answer on ${phone} in time, ${local}`;
      return ended.absent ? `${phone} is not connected, ${local}` : `no answer in 30 s, ${local}`;
    case 'failed':
      if (ended.refusal === null) return `${phone} could not be asked, ${local}`;
      return `${phone} refused: ${refusalWords(ended.refusal.code, ended.refusal.skew)}, ${local}`;
  }
}
