/** The invitation of the link that the app was opened with: the relay that serves the app is whom it is for. */
let followed: string | null = null;

/** Keeps its code until the app is closed. */
export function keepInvitation(code: string): void {
  followed = code;
}

/** The code that is kept, as it stood in the link; null for none. */
export function followedInvitation(): string | null {
  return followed;
}
