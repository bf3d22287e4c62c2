/** Where the time of a login goes: each leg between two places where its bytes are seen to pass. */
import { median, type Row } from '../rows.ts';
import type { Signing } from './agent-tap.ts';
import type { Passing } from './relay-tap.ts';

/** One login, ms. */
export interface Legs {
  /** Everything outside the agent: ssh, sshd, their handshake. */
  readonly ssh: number;
  /** From the sign request to the sealed ask. */
  readonly 'host, before asking': number;
  /** Both ways through the relay, the taps included. */
  readonly relay: number;
  /** From the ask's arrival to the decision's departure. */
  readonly phone: number;
  /** From the decision's arrival to the signature at ssh. */
  readonly 'host, after': number;
}

/** The legs of one login alone; null when not all of its messages were seen. */
export function legsOf(totalMs: number, signing: Signing, passings: readonly Passing[]): Legs | null {
  const { askedAt, signedAt } = signing;
  const within = passings.filter(({ at }) => at >= askedAt && at <= signedAt);
  const seen = (who: Passing['who'], way: Passing['way']) =>
    within.filter((passing) => passing.who === who && passing.way === way).map(({ at }) => at);
  const ask = seen('host', 'to-relay')[0];
  const decided = seen('host', 'from-relay').at(-1);
  if (ask === undefined || decided === undefined) return null;
  const arrived = seen('phone', 'from-relay').find((at) => at >= ask);
  const left = seen('phone', 'to-relay').findLast((at) => at <= decided);
  if (arrived === undefined || left === undefined) return null;
  return {
    ssh: totalMs - (signedAt - askedAt),
    'host, before asking': ask - askedAt,
    relay: arrived - ask + (decided - left),
    phone: left - arrived,
    'host, after': signedAt - decided,
  };
}

/** The median of each leg. */
export function legRows(name: string, all: readonly Legs[]): Row[] {
  const [first] = all;
  if (first === undefined) throw new Error('no login was seen from end to end');
  return (Object.keys(first) as (keyof Legs)[]).map((leg) => ({
    bench: 'login',
    case: name,
    subject: leg,
    metric: 'leg_ms',
    value: median(all.map((legs) => legs[leg])),
    unit: 'ms',
  }));
}
