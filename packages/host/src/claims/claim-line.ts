import { isIPv6 } from 'node:net';
import { fromBase64, parsePublicKey, plainKeyBlob, SshFormatError } from '@palmkey/core/ssh';

/** One line of the claims file, read. */
export interface ClaimLine {
  readonly pid: number;
  /** Null for what cannot be taken for a name: then the port is 22. */
  readonly name: string | null;
  readonly port: number;
  /** The blob of the server's key; of a certificate the inner key's. */
  readonly hostKey: Uint8Array;
}

/** Longer lines are garbage: a certificate in base64 has its place below. */
export const MAX_LINE_BYTES = 16 * 1024;

/** Reads `pid HOSTNAME name keytype base64`; null for every other line, whatever is in it. */
export function parseClaimLine(line: string): ClaimLine | null {
  if (line.length > MAX_LINE_BYTES) return null;
  // A name with spaces is none, and yet the line is one: what stands before and after it has no spaces.
  const [pidText = '', kind, ...others] = line.split(' ');
  const [base64 = '', , ...host] = others.toReversed();
  const pid = Number(pidText);
  if (kind !== 'HOSTNAME' || host.length === 0) return null;
  if (!/^[1-9][0-9]{0,9}$/.test(pidText) || !Number.isSafeInteger(pid)) return null;
  const hostKey = innerKeyBlob(base64);
  const server = parseHost(host.toReversed().join(' ')) ?? { name: null, port: 22 };
  return hostKey === null ? null : { pid, ...server, hostKey };
}

/** The blob by which claims and binds are compared: ssh may speak of a certificate here and of its key there. */
export function comparableKey(blob: Uint8Array): Uint8Array | null {
  try {
    return plainKeyBlob(parsePublicKey(blob).key);
  } catch (error) {
    if (error instanceof SshFormatError) return null;
    throw error;
  }
}

/**
 * `name`, which is port 22, or `[name]:port`. A name has no white space, no brackets and nothing that is not seen, and a
 * colon in an IPv6 address alone: `prod:2222` as a name would look like another port of another server.
 */
function parseHost(text: string): { readonly name: string; readonly port: number } | null {
  const [, bracketed, portText] = /^\[([^[\]]+)\]:([1-9][0-9]{0,4})$/.exec(text) ?? [];
  const name = bracketed ?? text;
  const port = portText === undefined ? 22 : Number(portText);
  if (name === '' || Buffer.byteLength(name) > 255 || /[\s\p{C}[\]]/u.test(name)) return null;
  if (name.includes(':') && !isIPv6(name)) return null;
  return port > 65_535 ? null : { name, port };
}

function innerKeyBlob(base64: string): Uint8Array | null {
  try {
    return comparableKey(fromBase64(base64));
  } catch (error) {
    if (error instanceof SshFormatError) return null;
    throw error;
  }
}
