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
