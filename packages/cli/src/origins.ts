import { CliError } from './cli-error.ts';

/** Parses the address of a relay to an origin. Throws CliError `bad-relay-url`. */
export function parseRelayUrl(text: string): string {
  const origin = originOf(text);
  if (origin === undefined) throw new CliError('bad-relay-url', { url: text });
  return origin;
}

/**
 * Parses an address under which phones open the app: https, or http on localhost, where alone browsers give a page a key
 * store and a camera (Secure Contexts, W3C). Throws CliError `bad-public-url`.
 */
export function parsePublicUrl(text: string): string {
  const origin = originOf(text);
  if (origin === undefined) throw new CliError('bad-public-url', { url: text });
  if (origin.startsWith('http:') && !isLoopbackOrigin(origin)) throw new CliError('bad-public-url', { url: text });
  return origin;
}

/** Whether an origin names this computer only. */
export function isLoopbackOrigin(origin: string): boolean {
  const { hostname } = new URL(origin);
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(\.\d{1,3}){3}$/.test(hostname)
  );
}

/** Parses a port. Throws CliError `bad-port`. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new CliError('bad-port', { port: text });
  return port;
}

function originOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const plain =
    url.username === '' && url.password === '' && url.pathname === '/' && url.search === '' && url.hash === '';
  return plain && (url.protocol === 'https:' || url.protocol === 'http:') ? url.origin : undefined;
}
