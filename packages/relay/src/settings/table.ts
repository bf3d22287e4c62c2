import * as v from 'valibot';
import { kinds, type Kind } from './kinds.ts';

/** How a setting is given. */
export interface Setting<Schema extends v.GenericSchema = v.GenericSchema> {
  readonly kind: Kind<v.GenericSchema>;
  readonly schema: Schema;
  /** What holds where nobody says otherwise, as a file would hold it; undefined: nothing, or what the caller knows. */
  readonly fallback: unknown;
  /**
   * `whole`: nobody else may see it, and no flag takes it, since whoever is on the machine can read those. `inside`: it
   * may hold a password. Either can be given as the path of a file that holds it, by the name with `File` after it.
   */
  readonly secret: 'whole' | 'inside' | null;
}

type Secret = Setting['secret'];

function given<Schema extends v.GenericSchema>(kind: Kind<Schema>, fallback: v.InferInput<Schema>) {
  return { kind, schema: v.optional(kind.schema, () => fallback), fallback, secret: null };
}

function maybe<Schema extends v.GenericSchema>(kind: Kind<Schema>, secret: Secret = null) {
  return { kind, schema: v.optional(kind.schema), fallback: undefined, secret };
}

/** All that an operator can set, in the order in which it is explained. */
export const settings = {
  listen: given(kinds.address, '127.0.0.1'),
  port: given(kinds.port, 7722),
  publicUrl: given(kinds.origins, []),
  trustProxy: given(kinds.switch, false),
  store: maybe(kinds.store, 'inside'),
  bus: maybe(kinds.bus, 'inside'),
  busCredentials: maybe(kinds.credentials, 'whole'),
  busCa: maybe(kinds.certificate, 'whole'),
  busCertificate: maybe(kinds.certificate, 'whole'),
  busKey: maybe(kinds.privateKey, 'whole'),
  admission: given(kinds.admission, 'open'),
  openToAnyone: given(kinds.switch, false),
  githubClientId: maybe(kinds.text),
  githubSecret: maybe(kinds.text, 'whole'),
  githubUsers: given(kinds.names, []),
  githubOrganisations: given(kinds.names, []),
  githubUrl: given(kinds.url, 'https://github.com'),
  githubApiUrl: given(kinds.url, 'https://api.github.com'),
  appOrigins: given(kinds.origins, []),
  pushContact: maybe(kinds.contact),
  pushServices: given(kinds.hosts, []),
  pushCa: maybe(kinds.certificate, 'whole'),
  app: maybe(kinds.app),
  metricsToken: maybe(kinds.text, 'whole'),
  mailTime: given(kinds.mailTime, '1h'),
  mailboxMessages: given(kinds.mailboxMessages, 1000),
  mailboxSize: given(kinds.mailboxSize, '4MiB'),
  mailMemory: given(kinds.bytes, '512MiB'),
  maxConnections: given(kinds.count, 10_000),
  connectionsPerAddress: given(kinds.count, 1000),
  connectionsPerMinute: given(kinds.count, 240),
  postsPerMinute: given(kinds.count, 240),
  framesPerSecond: given(kinds.count, 200),
  framesAtOnce: given(kinds.count, 2000),
  accountFramesPerSecond: given(kinds.count, 800),
  accountFramesAtOnce: given(kinds.count, 8000),
  maxDevices: given(kinds.count, 100_000),
  strangersPerHour: given(kinds.count, 30),
  retentionDays: given(kinds.count, 180),
  drainTime: given(kinds.duration, '5s'),
  logLevel: given(kinds.level, 'info'),
} as const;

export type SettingName = keyof typeof settings;

/** Every setting's name. */
export const settingNames = Object.keys(settings) as SettingName[];

type Entries = { [Name in SettingName]: (typeof settings)[Name]['schema'] };

/** A whole configuration. */
export const settingsSchema = v.object(
  Object.fromEntries(settingNames.map((name) => [name, settings[name].schema])) as unknown as Entries,
);

/** What holds, as the relay uses it: times in ms, sizes in bytes, lists as lists. */
export type Settings = v.InferOutput<typeof settingsSchema>;

/** `PALMKEY_RELAY_PUBLIC_URL` for `publicUrl`. */
export function environmentName(key: string): string {
  return `PALMKEY_RELAY_${key.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** `--public-url` for `publicUrl`. */
export function flagName(key: string): string {
  return `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The key by which a secret is given as the path of a file. */
export function fileKey(name: SettingName): string {
  return `${name}File`;
}
