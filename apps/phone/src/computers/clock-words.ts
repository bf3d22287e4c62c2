import type { ComputerView } from '../model/model.ts';
import { formatLength } from '../parts/format.ts';

/** A clock that is wrong, in words: which one, and what to do. */
export interface ClockNotice {
  readonly key: string;
  readonly title: string;
  readonly text: string;
}

const MINUTE_MS = 60_000;
/** Computers whose clocks differ by less than this are of one time. */
const ALIKE_MS = 5 * MINUTE_MS;

const goesOn = 'It goes on by itself then.';

/**
 * What is to be said of clocks that are too far apart. Of two alone nobody can know which one is wrong; where others agree
 * with one of them, it is the other.
 */
export function clockNotices(computers: readonly ComputerView[]): readonly ClockNotice[] {
  const skewed = computers.flatMap(({ id, name, skewMs }) => (skewMs === null ? [] : [{ id, name, skewMs }]));
  const agrees = computers.some(({ reach, skewMs }) => reach === 'here' && skewMs === null);
  const skews = skewed.map(({ skewMs }) => skewMs);
  const [first] = skews;
  if (first === undefined) return [];
  if (skewed.length > 1 && !agrees && Math.max(...skews) - Math.min(...skews) < ALIKE_MS) {
    return [
      {
        key: 'this',
        title: `This device’s clock is ${apart(first)}`,
        text: `${skewed.map(({ name }) => name).join(', ')} agree on another time, so none of them can ask here. Set the clock of this device. ${goesOn}`,
      },
    ];
  }
  return skewed.map(({ id, name, skewMs }) =>
    agrees
      ? {
          key: id,
          title: `The clock of ${name} is ${apart(-skewMs)}`,
          text: `Other computers agree with this device, so ${name} cannot ask here. Set its clock. ${goesOn}`,
        }
      : {
          key: id,
          title: `This device’s clock is ${apart(skewMs)}${skewMs > 0 ? ' of' : ''} ${name}’s`,
          text: `Neither takes what the other says, so ${name} cannot ask here. Set the one that is wrong. ${goesOn}`,
        },
  );
}

/** The way of a message is part of what is known: whole minutes are all of it. */
function apart(ms: number): string {
  const length = formatLength(Math.round(ms / MINUTE_MS) * MINUTE_MS);
  // A title that is broken within it is hard to read.
  return `${length.replaceAll(' ', '\u00a0')} ${ms > 0 ? 'ahead' : 'behind'}`;
}
