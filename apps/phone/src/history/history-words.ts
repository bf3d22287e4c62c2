import type { HistoryEntry, Outcome } from '../model/model.ts';
import { formatLength } from '../parts/format.ts';
import type { IconName } from '../parts/icon.tsx';

/** One word for each end. */
export const outcomeWords: Record<Outcome, string> = {
  approved: 'Approved',
  rejected: 'Rejected',
  passed: 'Passed on',
  withdrawn: 'Stopped asking',
  expired: 'Expired',
  failed: 'Failed',
  refused: 'Refused',
};

export const outcomeLooks: Record<Outcome, { icon: IconName; ink: string }> = {
  approved: { icon: 'check', ink: 'text-accent' },
  rejected: { icon: 'close', ink: 'text-ink' },
  passed: { icon: 'forward', ink: 'text-muted' },
  withdrawn: { icon: 'back', ink: 'text-muted' },
  expired: { icon: 'clock', ink: 'text-muted' },
  failed: { icon: 'alert', ink: 'text-amber' },
  refused: { icon: 'stop', ink: 'text-danger' },
};

function skewWords(entry: HistoryEntry): string {
  const again = 'Set the clock and try again.';
  if (entry.skewMs === null) return `The clocks of ${entry.computer} and this device differ too much. ${again}`;
  // skew = this device's now − the moment of sending: positive means that the computer is behind.
  const side = entry.skewMs > 0 ? 'behind' : 'ahead';
  // The way of the message is part of the skew: whole minutes are what is known of it.
  const rounded = Math.round(entry.skewMs / 60_000) * 60_000;
  return `The clock of ${entry.computer} is ${formatLength(rounded)} ${side} of this device's, so this request was refused. ${again}`;
}

/** Why this device refused by itself (codes of spec/requests.md): what happened, then what to do. */
export function refusalWords(entry: HistoryEntry): string {
  switch (entry.refusal) {
    case 'clock-skew':
      return skewWords(entry);
    case 'unparsable':
      return `${entry.computer} asked to sign something that this device does not understand. It signs only what it can show you.`;
    case 'bad-bind':
      return 'The proof of which server this login goes to does not verify. Do not log in there until you know why.';
    case 'unknown-key':
      return `${entry.computer} asked for a key that this device does not have. Run palmkey keys there to see what it offers.`;
    case 'id-reuse':
      return `${entry.computer} used one request for two different things. Update Palmkey there; if it happens again, unpair it.`;
    case 'expired':
      return 'The request came too late to be shown. Run the command again.';
    case 'busy':
      return `More than 32 requests of ${entry.computer} were waiting. Answer or let them pass, then try again.`;
    case 'muted':
      return `${entry.computer} was muted, so it was refused without being shown.`;
    case 'too-many':
      return `${entry.computer} asked too often, so it was refused without being shown. Mute it, or look at what runs there.`;
    default:
      return `This device refused it${entry.refusal === null ? '' : ` (${entry.refusal})`}. Nothing was signed.`;
  }
}

/** Who decided where it was not the person at this device, to stand after the outcome. */
export function decidedBy({ by, phone }: HistoryEntry): string {
  const where = phone === undefined ? '' : ` on ${phone}`;
  switch (by) {
    case 'permission':
      return ` by permission${where}`;
    case 'other-phone':
      return ' on another phone';
    case 'person':
    case null:
      return where;
  }
}

/** The same as a sentence of its own; null where nobody decided. */
export function decisionWords({ by, phone }: HistoryEntry): string | null {
  const where = phone ?? 'this device';
  switch (by) {
    case 'person':
      return `By you, on ${where}`;
    case 'permission':
      return `By a permission that you gave on ${where}, without asking`;
    case 'other-phone':
      return 'On another phone of yours';
    case null:
      return null;
  }
}

/**
 * How a request ended as far as the device that decided knows itself: what it signed it signed, whatever the computer says became of
 * it. A hostile one would say that the signature was not used.
 */
export function shownOutcome({ outcome, signed }: HistoryEntry): Outcome {
  return signed ? 'approved' : outcome;
}

/** What is known of the answer's arrival, or null where there was none. */
export function confirmationWords(entry: HistoryEntry): string | null {
  const { outcome, confirmed, computer, signed } = entry;
  if (signed && outcome !== 'approved')
    return `${entry.phone ?? 'This device'} signed it; ${computer} says that it did not use the signature (${outcomeWords[outcome].toLowerCase()})`;
  if (entry.by === 'other-phone' || (outcome !== 'approved' && outcome !== 'rejected' && outcome !== 'passed'))
    return null;
  return confirmed ? `${computer} confirmed it` : `${computer} has not confirmed it: whether it was used is unknown`;
}
