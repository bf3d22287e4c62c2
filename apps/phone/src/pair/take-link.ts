/** The parts of `window` that this needs; a port so that it can be tested. */
export interface AddressBar {
  readonly location: { readonly pathname: string; readonly hash: string; readonly href: string };
  readonly history: { replaceState(data: unknown, unused: string, url: string): void };
}

/**
 * Takes a link out of the address bar (`/pair#payload` or `/join#payload`), so that it stays neither there nor in the
 * browser's history. Returns the whole link, or null when there is none.
 */
export function takeLink({ location, history }: AddressBar, path: '/pair' | '/join'): string | null {
  if (location.pathname !== path) return null;
  const link = location.hash.length > 1 ? location.href : null;
  history.replaceState(null, '', '/');
  return link;
}
