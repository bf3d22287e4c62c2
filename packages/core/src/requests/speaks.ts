/** The versions of spec/requests.md that one side can speak, both included. */
export interface Protocols {
  readonly from: number;
  readonly to: number;
}

/**
 * What this program speaks. 1: logins alone, asked of one phone, answered yes, no or refused. 2: also git and file
 * signatures, directories, permissions' ends, `pass`, and requests that more phones see than hold the key. 3: also previews
 * by push. 4: also `enlist` and `consent`, and the head of an account chain in a message. 5: also `moved`.
 */
export const PROTOCOLS: Protocols = { from: 1, to: 5 };

/**
 * How often one device answers the greetings of another, at most: once in so many ms by the monotonic clock
 * (spec/requests.md). So a phone answers a computer ("Greetings"), and a computer a phone whose clock is off
 * ("Clocks").
 */
export const GREETING_ANSWERED_ONCE_IN_MS = 2_000;

/** What two sides speak to each other, or who of them has to be updated before they can. */
export type Agreed =
  { readonly is: 'speaking'; readonly protocol: number } | { readonly is: 'update-us' | 'update-peer' };

/** The newest version that both speak. `peer` is null for one that did not say: it is from before versions were said. */
export function agreedProtocol(peer: Protocols | null, ours: Protocols = PROTOCOLS): Agreed {
  const theirs = peer ?? { from: 1, to: 1 };
  if (theirs.from > ours.to) return { is: 'update-us' };
  if (theirs.to < ours.from || theirs.to < theirs.from) return { is: 'update-peer' };
  return { is: 'speaking', protocol: Math.min(theirs.to, ours.to) };
}
