/**
 * Where each key of a phone was used, and the keys themselves: `key-uses.json`. A phone that was lost takes its keys with
 * it; what has to be changed on which server stands here.
 */
import { fingerprint, parsePublicKey } from '@palmkey/core/ssh';
import { fromBase64Url, toBase64Url } from '@palmkey/envelope';
import * as v from 'valibot';
import type { Disk } from '../state/disk.ts';
import { StateError } from '../state/errors.ts';
import { readJsonFile, writeJsonFile } from '../state/json-file.ts';

const version = 1;
/** Those of the longest time ago are forgotten first. */
export const MAX_USES = 1000;
export const MAX_KEPT_KEYS = 256;
/** A use again within this time is not written: which day is what is asked for later. */
const FRESH_MS = 60 * 60 * 1000;
const MAX_TEXT = 256;

/** A key that a phone has or had. */
export interface KeptKey {
  readonly blob: Uint8Array;
  readonly comment: string;
  /** The phone that had it last. */
  readonly phone: string;
}

/** Where a use was. Without a host it is a server that nobody on this computer can name. */
export interface Place {
  /** `login`: ssh, also git's; `git`: commits or tags of a repository that has its remote there. */
  readonly kind: 'login' | 'git';
  readonly user: string | null;
  /** What ssh is to connect to. */
  readonly host: string | null;
  /** Null: as ssh's configuration says. */
  readonly port: number | null;
  /** `SHA256:…` of the server's key; null where it was not proved. */
  readonly hostKey: string | null;
}

export interface KeyUse extends Place {
  /** `SHA256:…` */
  readonly key: string;
  /** ms since 1970 of the last use that is known, to within an hour. */
  readonly at: number;
  /** When another key was put in its place there, and which; null while the old one may get in. */
  readonly replaced: { readonly at: number; readonly by: string } | null;
}

const hash = v.pipe(v.string(), v.regex(/^SHA256:[A-Za-z0-9+/]{43}$/));
const text = v.pipe(v.string(), v.maxLength(MAX_TEXT));
const use = v.strictObject({
  key: hash,
  kind: v.picklist(['login', 'git']),
  user: v.nullable(text),
  host: v.nullable(text),
  port: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535))),
  hostKey: v.nullable(hash),
  at: v.number(),
  replaced: v.nullable(v.strictObject({ at: v.number(), by: hash })),
});
const usesFile = v.strictObject({
  v: v.literal(version),
  keys: v.pipe(v.array(v.strictObject({ blob: v.string(), comment: text, phone: text })), v.maxLength(MAX_KEPT_KEYS)),
  uses: v.pipe(v.array(use), v.maxLength(MAX_USES)),
});

export class KeyUses {
  readonly #path: string;
  readonly #disk: Disk | undefined;
  /** By fingerprint, the oldest first. */
  readonly #keys = new Map<string, KeptKey>();
  /** By key and place, the oldest use first. */
  readonly #uses = new Map<string, KeyUse>();
  /** Whether the file was there: without it the log is all that is known. */
  readonly isNew: boolean;

  /** @throws StateError `state-broken`, `newer-state`, `bad-permissions` */
  constructor(path: string, disk?: Disk) {
    this.#path = path;
    this.#disk = disk;
    const found = readJsonFile(path, version, usesFile);
    this.isNew = found === undefined;
    for (const { blob, comment, phone } of found?.keys ?? []) this.#put({ blob: bytesOf(blob, path), comment, phone });
    for (const each of found?.uses ?? []) this.#uses.set(idOf(each.key, each), each);
  }

  /** The keys, the latest last. */
  keys(): readonly KeptKey[] {
    return [...this.#keys.values()];
  }

  /** The uses, the latest last. */
  all(): readonly KeyUse[] {
    return [...this.#uses.values()];
  }

  /** Keeps keys beyond their phone. @throws StateError `not-writable`; they are known all the same until the end of this process. */
  keep(keys: readonly KeptKey[]): void {
    const news = keys.filter((key) => {
      const known = this.#keys.get(fingerprint(key.blob));
      return known?.comment !== cut(key.comment) || known.phone !== cut(key.phone);
    });
    for (const key of news) this.#put(key);
    if (news.length > 0) this.#write();
  }

  /** Learns that a key was used. @throws StateError `not-writable`, as {@link keep}. */
  learn(key: string, place: Place, at: number): void {
    if (this.#learn(key, place, at)) this.#write();
  }

  /** Learns what an older log tells, the oldest first. @throws StateError `not-writable`, as {@link keep}. */
  learnAll(uses: readonly (Place & Pick<KeyUse, 'key' | 'at'>)[]): void {
    for (const each of uses) this.#learn(each.key, each, each.at);
    this.#write();
  }

  /** Another key has taken the place of these there. @throws StateError `not-writable`, as {@link keep}. */
  replaced(keys: readonly string[], place: Pick<Place, 'user' | 'host' | 'port'>, by: string, at: number): void {
    for (const [id, each] of this.#uses) {
      const isThere = each.user === place.user && each.host === place.host && each.port === place.port;
      if (isThere && keys.includes(each.key)) this.#uses.set(id, { ...each, replaced: { at, by } });
    }
    this.#write();
  }

  /** Whether that is worth a write. */
  #learn(key: string, place: Place, at: number): boolean {
    const { kind, port, hostKey } = place;
    const kept = { kind, user: cutOrNull(place.user), host: cutOrNull(place.host), port, hostKey };
    const id = idOf(key, kept);
    const before = this.#uses.get(id);
    this.#uses.delete(id);
    this.#uses.set(id, { key, ...kept, at, replaced: null });
    for (const oldest of this.#uses.keys()) {
      if (this.#uses.size <= MAX_USES) break;
      this.#uses.delete(oldest);
    }
    return before?.replaced !== null || at - before.at >= FRESH_MS || before.hostKey !== hostKey;
  }

  #put({ blob, comment, phone }: KeptKey): void {
    const name = fingerprint(blob);
    this.#keys.delete(name);
    this.#keys.set(name, { blob, comment: cut(comment), phone: cut(phone) });
    for (const oldest of this.#keys.keys()) {
      if (this.#keys.size <= MAX_KEPT_KEYS) break;
      this.#keys.delete(oldest);
    }
  }

  #write(): void {
    const keys = this.keys().map(({ blob, comment, phone }) => ({ blob: toBase64Url(blob), comment, phone }));
    writeJsonFile(this.#path, { v: version, keys, uses: this.all() }, this.#disk);
  }
}

/** A server without a name is known by its key alone. */
function idOf(key: string, { kind, user, host, port, hostKey }: Place): string {
  return JSON.stringify([key, kind, user, host, port, host === null ? hostKey : null]);
}

function bytesOf(base64: string, path: string): Uint8Array {
  try {
    const blob = fromBase64Url(base64);
    parsePublicKey(blob);
    return blob;
  } catch (cause) {
    throw new StateError('state-broken', path, null, cause);
  }
}

/** Cut between characters, so that a pair of surrogates stays one. */
function cut(text: string): string {
  if (text.length <= MAX_TEXT) return text;
  const end = /[\uD800-\uDBFF]/.test(text.charAt(MAX_TEXT - 1)) ? MAX_TEXT - 1 : MAX_TEXT;
  return text.slice(0, end);
}

function cutOrNull(text: string | null): string | null {
  return text === null ? null : cut(text);
}
