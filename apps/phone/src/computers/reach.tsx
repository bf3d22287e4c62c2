import type { ComputerView } from '../model/model.ts';
import { formatAgo } from '../parts/format.ts';
import { relayProblem } from './relay-problem.ts';

type Reach = ComputerView['reach'];

const dots: Record<Reach, string> = {
  here: 'bg-accent border-accent',
  connecting: 'border-line-strong border-dashed',
  'relay-only': 'border-amber-line bg-amber-fill',
  offline: 'border-line-strong',
  refused: 'border-danger-line bg-danger-fill',
};

/** Can it ask right now, in words. */
export function reachWords(computer: ComputerView, now: number): string {
  if (isOfAnotherTime(computer)) return 'Its clock shows another time';
  switch (computer.reach) {
    case 'here':
      return 'Reachable';
    case 'connecting':
      return 'Connecting…';
    case 'relay-only':
      return computer.lastSeenAt === null
        ? 'Not answering'
        : `Not answering · last seen ${formatAgo(computer.lastSeenAt, now)}`;
    case 'offline':
      return 'No connection';
    case 'refused':
      return 'Its relay refuses this device';
  }
}

/** The same in two sentences: what is so, and what to do; null where there is nothing, or a notice of its own says it. */
export function reachAdvice(computer: ComputerView): string | null {
  if (isOfAnotherTime(computer)) return null;
  switch (computer.reach) {
    case 'here':
    case 'connecting':
      return null;
    case 'relay-only':
      return `The relay answers, but ${computer.name} does not. Is it awake, and is palmkey running there?`;
    case 'offline':
    case 'refused':
      return relayProblem(computer.problem, computer.relay);
  }
}

/** Its relay has it, and neither takes what the other says. */
function isOfAnotherTime({ reach, skewMs }: ComputerView): boolean {
  return skewMs !== null && (reach === 'here' || reach === 'relay-only');
}

/** A dot whose fill and outline differ by state; the words beside it carry the meaning. */
export function ReachDot({ reach }: { reach: Reach }) {
  return <span aria-hidden="true" className={`mr-1.5 inline-block size-2.5 rounded-full border-2 ${dots[reach]}`} />;
}
