/** Which keys worked on which server, learned from logins: `servers.json`. */
import * as v from 'valibot';
import type { Disk } from '../state/disk.ts';
import { readJsonFile, writeJsonFile } from '../state/json-file.ts';

const version = 1;
export const MAX_SERVERS = 1000;
/** As many keys of one server as are remembered: more would not be offered at once. */
const MAX_WORKED = 5;
const fingerprint = v.pipe(v.string(), v.regex(/^SHA256:[A-Za-z0-9+/]{43}$/));
const serversFile = v.strictObject({
  v: v.literal(version),
  servers: v.pipe(
    v.array(v.strictObject({ server: fingerprint, keys: v.pipe(v.array(fingerprint), v.maxLength(MAX_WORKED)) })),
    v.maxLength(MAX_SERVERS),
  ),
});

/** Fingerprints alone, at most 1,000 servers: those of the longest time ago are forgotten first. */
export class KnownServers {
  readonly #path: string;
  readonly #disk: Disk | undefined;
  /** By the server's fingerprint, the oldest first. */
  readonly #worked: Map<string, readonly string[]>;

  /** @throws StateError `state-broken`, `newer-state`, `bad-permissions` */
  constructor(path: string, disk?: Disk) {
    this.#path = path;
    this.#disk = disk;
    const found = readJsonFile(path, version, serversFile);
    this.#worked = new Map((found?.servers ?? []).map(({ server, keys }) => [server, keys]));
  }

  /** The keys that worked there, the latest first. */
  workedOn(server: string): readonly string[] {
    return this.#worked.get(server) ?? [];
  }

  /**
   * Learns that a key worked. Written only where that is news: the same key on the same server is none.
   * @throws StateError `not-writable`; it is known all the same until the end of this process.
   */
  learn(server: string, key: string): void {
    const before = this.workedOn(server);
    this.#worked.delete(server);
    this.#worked.set(server, [key, ...before.filter((other) => other !== key)].slice(0, MAX_WORKED));
    for (const oldest of this.#worked.keys()) {
      if (this.#worked.size <= MAX_SERVERS) break;
      this.#worked.delete(oldest);
    }
    if (before[0] === key) return;
    const servers = [...this.#worked].map(([known, keys]) => ({ server: known, keys }));
    writeJsonFile(this.#path, { v: version, servers }, this.#disk);
  }
}
