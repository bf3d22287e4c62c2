import { RelayStartError } from '../errors.ts';

/** Which NATS a relay uses, and as what it is known there. */
export interface NatsAddress {
  /** `host:port` of each server that may be asked first. */
  readonly servers: readonly string[];
  readonly tls: boolean;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  /** What the relay's subjects and its stream begin with, so that several relays can share one NATS. */
  readonly prefix: string;
  /** On how many servers of a NATS cluster mail is kept. */
  readonly replicas: number;
}

interface Part {
  readonly scheme: string;
  readonly credentials: string | undefined;
  readonly servers: readonly string[];
  readonly query: string | undefined;
}

/**
 * Reads `nats://[user:password@|token@]host[:port][,host[:port]…][?prefix=…&replicas=…]`, or the same with `tls://`;
 * prefix `palmkey` and 1 replica if left out. Several such URLs may be joined by commas, as NATS's own programs take
 * them: what they say of credentials, prefix and replicas has to be the same wherever it is said, and so has the scheme.
 * Throws {@link RelayStartError} `bad-bus`, which does not repeat the address: it may hold a password.
 */
export function parseNatsAddress(text: string): NatsAddress {
  const parts = text.split(/,(?=[a-z]+:\/\/)/).map(parsePart);
  const scheme = theOne(parts.map((part) => part.scheme));
  const credentials = theOne(parts.map((part) => part.credentials));
  const parameters = new URLSearchParams(theOne(parts.map((part) => part.query)));
  const prefix = parameters.get('prefix') ?? 'palmkey';
  const replicas = Number(parameters.get('replicas') ?? 1);
  const known = [...parameters.keys()].every((name) => name === 'prefix' || name === 'replicas');
  if (!known || !/^[a-z0-9-]{1,32}$/.test(prefix) || ![1, 3, 5].includes(replicas)) throw badBus();
  const servers = parts.flatMap((part) => part.servers);
  return { servers, tls: scheme === 'tls', ...credentialsFrom(credentials), prefix, replicas };
}

/** Whether {@link parseNatsAddress} can read it. */
export function isNatsAddress(text: string): boolean {
  try {
    parseNatsAddress(text);
    return true;
  } catch {
    return false;
  }
}

/** The host of a server as {@link NatsAddress} names it, without port and brackets. */
export function hostOf(server: string): string {
  return /^\[(.*)\]/.exec(server)?.[1] ?? server.replace(/:\d+$/, '');
}

function parsePart(text: string): Part {
  const parts = /^(nats|tls):\/\/(?:([^@/?#]*)@)?([^@/?#]+)\/?(?:\?([^#]*))?$/.exec(text);
  if (!parts) throw badBus();
  const [, scheme = '', credentials, hosts = '', query] = parts;
  const servers = hosts.split(',');
  if (!servers.every(isHostAndPort)) throw badBus();
  return { scheme, credentials, servers, query };
}

/** What is said, once or several times alike; undefined where nothing is. */
function theOne(said: readonly (string | undefined)[]): string | undefined {
  const different = new Set(said.filter((each) => each !== undefined));
  if (different.size > 1) throw badBus();
  return [...different][0];
}

function credentialsFrom(text: string | undefined): Pick<NatsAddress, 'user' | 'password' | 'token'> {
  if (text === undefined || text === '') return {};
  const [first = '', ...rest] = text.split(':').map(decoded);
  return rest.length === 0 ? { token: first } : { user: first, password: rest.join(':') };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badBus();
  }
}

function isHostAndPort(text: string): boolean {
  return /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?$/.test(text);
}

function badBus(): RelayStartError {
  return new RelayStartError('bad-bus', 'the bus is not a NATS address');
}
