import * as v from 'valibot';
import { isNatsAddress } from '../nats/nats-address.ts';

/** One way to write a setting's value. */
export interface Kind<Schema extends v.GenericSchema> {
  /** By what name the command line explains it. */
  readonly is: KindName;
  /** What a configuration file may hold, and what it means. */
  readonly schema: Schema;
  /** A value of a flag or of the environment as a file would hold it; what is no such value fails the schema. */
  readonly fromText: (text: string) => unknown;
}

/** Every kind of value. */
export type KindName =
  | 'text'
  | 'address'
  | 'path'
  | 'store'
  | 'bus'
  | 'port'
  | 'origins'
  | 'names'
  | 'hosts'
  | 'certificate'
  | 'privateKey'
  | 'credentials'
  | 'contact'
  | 'switch'
  | 'app'
  | 'admission'
  | 'level'
  | 'count'
  | 'duration'
  | 'bytes'
  | 'mailTime'
  | 'mailboxMessages'
  | 'mailboxSize'
  | 'url';

function kind<Schema extends v.GenericSchema>(
  is: KindName,
  schema: Schema,
  fromText: (text: string) => unknown = (text) => text,
): Kind<Schema> {
  return { is, schema, fromText };
}

const line = v.pipe(v.string(), v.regex(/^[^\p{Cc}]{1,2048}$/u));
const numeral = (text: string): unknown => (/^\d{1,15}$/.test(text) ? Number(text) : text);
const whole = (least: number, most: number) => v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));
/** A list, or one text with commas between its parts. */
const listOf = <Schema extends v.GenericSchema<string, string>>(part: Schema) =>
  v.pipe(
    v.union([v.array(v.string()), v.string()]),
    v.transform((given) =>
      (typeof given === 'string' ? [given] : given).flatMap((text) => text.split(',')).map((text) => text.trim()),
    ),
    v.array(part),
    v.readonly(),
  );

const unitsMs = { s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const unitsBytes = { KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;

/** A number and a unit, in the smallest unit; undefined for what is none. */
function measured(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const [, digits = '', unit = ''] = /^(\d{1,9}) ?([A-Za-z]{1,3})$/.exec(text) ?? [];
  const size = Object.hasOwn(units, unit) ? units[unit] : undefined;
  return size === undefined ? undefined : Number(digits) * size;
}

/** A span of time like `90s`, `10min`, `2h` or `7d` in ms; undefined for what is none. */
export function parseDuration(text: string): number | undefined {
  return measured(text, unitsMs);
}

const measure = (units: Readonly<Record<string, number>>, least = 0, most = Number.MAX_SAFE_INTEGER) =>
  v.pipe(
    v.union([v.pipe(v.string(), v.maxLength(20)), v.literal(0)]),
    v.transform((given) => (given === 0 || given === '0' ? 0 : measured(given, units))),
    v.number(),
    v.minValue(least),
    v.maxValue(most),
  );

/** `https:`, or `http:` where it is this machine, where alone browsers trust a page without TLS: the URL's origin. */
const origin = v.pipe(
  line,
  v.check((text) => URL.canParse(text) && isReachable(new URL(text))),
  v.transform((text) => new URL(text).origin),
);

function isReachable({ protocol, hostname, pathname, search, hash, username, password }: URL): boolean {
  const bare = pathname === '/' && search === '' && hash === '' && username === '' && password === '';
  const local = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
  return bare && (protocol === 'https:' || (protocol === 'http:' && local));
}

const ofProtocol = (...protocols: readonly string[]) =>
  v.pipe(
    line,
    v.check((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol)),
  );

/** Every kind of value, by name. */
export const kinds = {
  text: kind('text', line),
  address: kind('address', line),
  path: kind('path', line),
  store: kind(
    'store',
    v.union([ofProtocol('postgres:', 'postgresql:'), v.pipe(line, v.regex(/^(?![a-z][a-z0-9+.-]*:\/\/)/i))]),
  ),
  bus: kind(
    'bus',
    v.pipe(
      v.union([v.array(v.string()), v.string()]),
      v.transform((given) => (typeof given === 'string' ? given : given.join(','))),
      line,
      v.check(isNatsAddress),
    ),
  ),
  port: kind('port', whole(0, 65_535), numeral),
  origins: kind('origins', listOf(origin)),
  names: kind('names', listOf(v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$/)))),
  hosts: kind('hosts', listOf(v.pipe(v.string(), v.regex(/^(\*\.)?[A-Za-z0-9][A-Za-z0-9.-]{0,252}(:\d{1,5})?$/)))),
  certificate: kind('certificate', v.pipe(v.string(), v.includes('-----BEGIN CERTIFICATE-----'))),
  privateKey: kind('privateKey', v.pipe(v.string(), v.regex(/-----BEGIN ([A-Z]+ )?PRIVATE KEY-----/))),
  credentials: kind(
    'credentials',
    v.pipe(v.string(), v.regex(/^SU[A-Z2-7]{56}$|-----BEGIN NATS USER JWT-----[^]*-----BEGIN USER NKEY SEED-----/)),
  ),
  contact: kind('contact', ofProtocol('mailto:', 'https:')),
  switch: kind('switch', v.boolean(), (text) =>
    /^(true|yes|1)$/i.test(text) ? true : /^(false|no|0)$/i.test(text) ? false : text,
  ),
  app: kind('app', v.union([line, v.literal(false)]), (text) => (text === 'none' ? false : text)),
  admission: kind('admission', v.picklist(['open', 'members'])),
  level: kind('level', v.picklist(['error', 'warn', 'info', 'debug', 'trace'])),
  count: kind('count', whole(1, 1_000_000_000), numeral),
  duration: kind('duration', measure(unitsMs)),
  bytes: kind('bytes', measure(unitsBytes)),
  mailTime: kind('mailTime', measure(unitsMs, 0, 30 * unitsMs.d)),
  mailboxMessages: kind('mailboxMessages', whole(1, 100_000), numeral),
  // Room for the largest frame, and no more than a node's memory may well have.
  mailboxSize: kind('mailboxSize', measure(unitsBytes, 128 * unitsBytes.KiB, unitsBytes.GiB)),
  url: kind('url', origin),
} as const;
