import type { StatusFact } from '@palmkey/host/control';
import { keysOf } from './picture.ts';
import type { Paint } from './paint.ts';

/** What is known besides the daemon's facts when the next step is chosen. */
export interface Surroundings {
  readonly me: string;
  /** Whether ssh's configuration includes ours; undefined when that was not looked at. */
  readonly setUp: boolean | undefined;
  readonly loggedIn: boolean;
}

/** The one thing to do next, as a line; undefined when nothing is missing. */
export function nextHint(status: StatusFact, { me, setUp, loggedIn }: Surroundings, paint: Paint): string | undefined {
  const next = (command: string, why: string) => `Next  ${paint.command(command)}  ${paint.quiet(why)}`;
  if (status.deviceKeys === 'locked') return next(`${me} unlock`, 'so that this computer asks your phone again');
  // Whoever shows the link has said what to do with it.
  if (status.phones.length === 0 && status.pairing) return undefined;
  if (status.phones.length === 0) return next(`${me} pair`, 'a phone, which will hold the key');
  if (keysOf(status).length === 0) return `Next  ${paint.quiet('open the app and make a key')}`;
  if (!loggedIn && status.tryCommand !== null) return next(status.tryCommand, 'a login to try it');
  if (setUp === false) return next(`${me} setup`, 'so that ssh asks your phone');
  if (!loggedIn) return next(`${me} keys copy user@host`, 'brings the key to a server');
  return undefined;
}
