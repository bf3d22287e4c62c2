import type { Arrival } from './arrival.ts';

/** How a sign-in at a relay ended. */
export type ReturnedSignIn = Exclude<Arrival, { is: 'request' | 'invited' }>;

let returned: ReturnedSignIn | null = null;

/** Keeps what a sign-in came to until it is made use of. */
export function keepSignIn(arrival: ReturnedSignIn): void {
  returned = arrival;
}

/** What it came to; null where the app was not opened so, or that was made use of. */
export function returnedSignIn(): ReturnedSignIn | null {
  return returned;
}

/** The person has seen it, or it was gone on from. */
export function dropSignIn(): void {
  returned = null;
}
