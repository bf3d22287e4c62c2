import { fromBase64, parsePublicKey, plainKeyBlob, SshFormatError } from '@palmkey/core/ssh';

/** One line of the claims file, read. */
export interface ClaimLine {
  readonly pid: number;
  readonly name: string;
  readonly port: number;
  /** The blob of the server's key; of a certificate the inner key's. */
  readonly hostKey: Uint8Array;
}

/** Longer lines are garbage: a certificate in base64 has its place below. */
export const MAX_LINE_BYTES = 16 * 1024;

/** Reads `pid HOSTNAME name keytype base64`; null for every other line, whatever is in it. */
export function parseClaimLine(line: string): ClaimLine | null {
  if (line.length > MAX_LINE_BYTES) return null;
  const [pidText = '', kind, hostText = '', , base64 = '', ...rest] = line.split(' ');
  const pid = Number(pidText);
  const host = parseHost(hostText);
  if (kind !== 'HOSTNAME' || rest.length > 0 || host === null) return null;
  if (!/^[1-9][0-9]{0,9}$/.test(pidText) || !Number.isSafeInteger(pid)) return null;
  const hostKey = innerKeyBlob(base64);
  return hostKey === null ? null : { pid, ...host, hostKey };
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

/** `name`, which is port 22, or `[name]:port`. */
function parseHost(text: string): { readonly name: string; readonly port: number } | null {
  const [, bracketed, portText] = /^\[([^[\]]+)\]:([1-9][0-9]{0,4})$/.exec(text) ?? [];
  const name = bracketed ?? text;
  const port = portText === undefined ? 22 : Number(portText);
  // eslint-disable-next-line no-control-regex -- a name with one of these is none
  if (name === '' || Buffer.byteLength(name) > 255 || /[\u0000-\u0020\u007f-\u009f[\]]/.test(name)) return null;
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
