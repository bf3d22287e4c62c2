/** What an `ssh` was told to connect to, read from its own arguments. Pure. */
import { isIPv6 } from 'node:net';

export interface Dialled {
  /** A name from the person's ssh configuration, a host name or an address: what the same `ssh` would take again. */
  readonly host: string;
  /** Null where the arguments name none: ssh's configuration has it. */
  readonly port: number | null;
}

/** The options of ssh(1) that have a value, by letter. */
const withValue = /[BbcDEeFIiJLlmOopPQRSWw]/;

/** The destination among the arguments of an `ssh`, its own name left out; null where there is none that could be kept. */
export function dialledIn(args: readonly string[]): Dialled | null {
  let host: string | null = null;
  let port: number | null = null;
  let isOver = false;
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    if (!isOver && arg === '--') {
      isOver = true;
    } else if (!isOver && arg.length > 1 && arg.startsWith('-')) {
      const letter = arg.search(withValue);
      if (letter < 0) continue;
      const value = arg.length > letter + 1 ? arg.slice(letter + 1) : (args[(at += 1)] ?? '');
      // ssh keeps the first that it is given.
      if (arg[letter] === 'p') port ??= portOf(value);
      if (arg[letter] === 'o') port ??= portOf(/^\s*port\s*[\s=]\s*(\S+)\s*$/i.exec(value)?.[1]);
    } else if (host === null) {
      const found = hostOf(arg);
      if (found === null) return null;
      host = found.host;
      port ??= found.port;
    } else {
      // What the server is to run.
      break;
    }
  }
  return host === null ? null : { host, port };
}

/** `host`, `user@host` or `ssh://user@host:port`. */
function hostOf(text: string): Dialled | null {
  const [, uri] = /^ssh:\/\/([^/]*)\/?$/i.exec(text) ?? [];
  const whole = uri ?? text;
  const host = whole.slice(whole.lastIndexOf('@') + 1);
  if (uri === undefined) return isDialable(host) ? { host, port: null } : null;
  const [, bracketed, plain, port] = /^(?:\[([^[\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(host) ?? [];
  const name = bracketed ?? plain ?? '';
  return isDialable(name) ? { host: name, port: portOf(port) } : null;
}

function portOf(text: string | undefined): number | null {
  const port = /^[1-9]\d{0,4}$/.test(text ?? '') ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : null;
}

/** Whether a text may stand where ssh expects a host: 1 to 255 bytes, seen, without white space, quotes, brackets and a leading `-`. */
export function isDialable(host: string): boolean {
  if (host === '' || Buffer.byteLength(host) > 255 || host.startsWith('-')) return false;
  return /^[^\s\p{C}"'`\\$;&<>|(){}[\]@/]+$/u.test(host) && (!host.includes(':') || isIPv6(host.replace(/%\w+$/, '')));
}
