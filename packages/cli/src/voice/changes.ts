/** What happened between two pictures of the present, one plain line each: the live status where nothing can be redrawn. */
import type { KeysState, PhoneFact, StatusFact } from '@palmkey/host/control';
import { subjectOf, updateWords } from './picture.ts';
import { listed } from './listed.ts';
import { plainPaint } from './paint.ts';
import { relayState } from './relay-words.ts';
import { visible } from './visible.ts';

export function changes(before: StatusFact | undefined, after: StatusFact): string[] {
  const lines: string[] = [];
  if (after.deviceKeys !== before?.deviceKeys) lines.push(...keysLines(before?.deviceKeys, after.deviceKeys));
  for (const relay of after.relays) {
    const old = before?.relays.find(({ url }) => url === relay.url);
    if (old?.state !== relay.state || old.problem !== relay.problem) {
      lines.push(`relay ${relay.url}: ${relayState(relay, plainPaint)}`);
    }
  }
  for (const phone of after.phones) {
    const old = before?.phones.find(({ id }) => id === phone.id);
    if (old === undefined)
      lines.push(`phone ${visible(phone.name)}: paired${after.deviceKeys === 'locked' ? '' : `, ${reachWord(phone)}`}`);
    else if (phone.update !== null && old.update !== phone.update)
      lines.push(`phone ${visible(phone.name)}: ${updateWords(phone.update)}`);
    else if (old.reach !== phone.reach && after.deviceKeys !== 'locked')
      lines.push(`phone ${visible(phone.name)}: ${reachWord(phone)}`);
  }
  for (const phone of before?.phones ?? []) {
    if (!after.phones.some(({ id }) => id === phone.id)) lines.push(`phone ${visible(phone.name)}: unpaired`);
  }
  for (const waiting of after.waiting) {
    const old = before?.waiting.find(({ hash }) => hash === waiting.hash);
    if (old === undefined) lines.push(`asking ${listed(waiting.phones)}: ${subjectOf(waiting)}`);
    for (const phone of waiting.receivedBy) {
      if (old !== undefined && !old.receivedBy.includes(phone))
        lines.push(`${visible(phone)} has it: ${subjectOf(waiting)}`);
    }
  }
  for (const waiting of before?.waiting ?? []) {
    if (!after.waiting.some(({ hash }) => hash === waiting.hash)) lines.push(`settled: ${subjectOf(waiting)}`);
  }
  return lines;
}

function keysLines(before: KeysState | undefined, after: KeysState): string[] {
  if (after === 'locked') return ['keys: locked, palmkey unlock opens them'];
  return before === 'locked' ? ['keys: unlocked'] : [];
}

/**
 * What the next change is measured against: a relay that only tries once more is as it was, so that one which is away
 * for an hour takes one line and not one for each try.
 */
export function asSaid(before: StatusFact | undefined, after: StatusFact): StatusFact {
  const relays = after.relays.map((relay) => {
    const old = before?.relays.find(({ url }) => url === relay.url);
    return old !== undefined && relay.state === 'connecting' ? old : relay;
  });
  return { ...after, relays };
}

function reachWord(phone: PhoneFact): string {
  return { here: 'here', absent: 'not connected', unknown: 'not heard yet' }[phone.reach];
}
