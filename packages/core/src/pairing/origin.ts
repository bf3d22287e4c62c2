/** Whether a text is an `http:` or `https:` origin as the URL standard writes it, of at most 255 characters. */
export function isOrigin(text: string): boolean {
  if (text.length < 1 || text.length > 255) return false;
  try {
    const url = new URL(text);
    return (url.protocol === 'https:' || url.protocol === 'http:') && url.origin === text;
  } catch {
    return false;
  }
}

/** Whether an origin is this computer itself, as browsers have it (Secure Contexts, W3C). */
export function isLoopback(origin: string): boolean {
  const { hostname } = new URL(origin);
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(\.\d{1,3}){3}$/.test(hostname)
  );
}

/** Whether a text is an origin that nobody between can read or change: `https:`, or loopback. */
export function isSafeOrigin(text: string): boolean {
  return isOrigin(text) && (text.startsWith('https:') || isLoopback(text));
}
