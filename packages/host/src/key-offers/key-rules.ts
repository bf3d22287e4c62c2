/** The person's rules for which key is offered where: `keys.json`. */
import * as v from 'valibot';
import type { Disk } from '../state/disk.ts';
import { readJsonFile, writeJsonFile } from '../state/json-file.ts';
import { KeyRuleError } from './errors.ts';
import { hasPositive, isHostPattern } from './host-pattern.ts';

export interface KeyRules {
  /** By fingerprint (`SHA256:…`), the host patterns that a key is offered to; a key that is not here goes everywhere. */
  readonly to: ReadonlyMap<string, readonly string[]>;
  /** Fingerprints; the keys that come first. */
  readonly order: readonly string[];
  /** Hosts that no key of a phone is offered to. */
  readonly off: readonly string[];
}

const version = 1;
/** As many patterns as anybody writes, for one key and for what is off. */
const MAX_PATTERNS = 256;
const MAX_KEYS = 1000;
const fingerprint = v.pipe(v.string(), v.regex(/^SHA256:[A-Za-z0-9+/]{43}$/));
const pattern = v.pipe(v.string(), v.check(isHostPattern));
const patterns = v.pipe(v.array(pattern), v.maxLength(MAX_PATTERNS));
const rulesFile = v.strictObject({
  v: v.literal(version),
  keys: v.pipe(v.array(v.strictObject({ key: fingerprint, to: patterns })), v.maxLength(MAX_KEYS)),
  order: v.pipe(v.array(fingerprint), v.maxLength(MAX_KEYS)),
  off: patterns,
});

/** The rules as they stand on the disk. */
export class KeyRuleStore {
  readonly #path: string;
  readonly #disk: Disk | undefined;
  #rules: KeyRules;

  /** @throws StateError `state-broken`, `newer-state`, `bad-permissions` */
  constructor(path: string, disk?: Disk) {
    this.#path = path;
    this.#disk = disk;
    const found = readJsonFile(path, version, rulesFile);
    const to = new Map((found?.keys ?? []).map(({ key, to }) => [key, to]));
    this.#rules = { to, order: found?.order ?? [], off: found?.off ?? [] };
  }

  get rules(): KeyRules {
    return this.#rules;
  }

  /**
   * Offers a key to these hosts alone; null: everywhere.
   * @throws KeyRuleError `bad-pattern`, `only-negated`, `too-many-rules`; StateError `not-writable`. Nothing has changed then.
   */
  offer(key: string, hosts: readonly string[] | null): void {
    const to = new Map(this.#rules.to);
    to.delete(key);
    if (hosts !== null) to.set(key, checked(hosts));
    this.#write({ ...this.#rules, to });
  }

  /** Puts a key before all others. @throws StateError `not-writable` */
  prefer(key: string): void {
    this.#write({ ...this.#rules, order: [key, ...this.#rules.order.filter((other) => other !== key)] });
  }

  /**
   * Switches all keys of phones off for hosts, or on again.
   * @throws KeyRuleError `bad-pattern`, `only-negated`, `too-many-rules`, `no-such-pattern`; StateError `not-writable`
   */
  switchOff(host: string, off: boolean): void {
    const others = this.#rules.off.filter((known) => known !== host);
    if (off) this.#write({ ...this.#rules, off: checked([...others, ...checked([host])]) });
    else if (others.length === this.#rules.off.length) throw new KeyRuleError('no-such-pattern', host);
    else this.#write({ ...this.#rules, off: others });
  }

  #write(rules: KeyRules): void {
    if (rules.to.size > MAX_KEYS) throw new KeyRuleError('too-many-rules', null);
    const keys = [...rules.to].map(([key, to]) => ({ key, to }));
    const order = rules.order.slice(0, MAX_KEYS);
    writeJsonFile(this.#path, { v: version, keys, order, off: rules.off }, this.#disk);
    this.#rules = { ...rules, order };
  }
}

function checked(hosts: readonly string[]): string[] {
  const bad = hosts.find((host) => !isHostPattern(host));
  if (bad !== undefined) throw new KeyRuleError('bad-pattern', bad);
  if (!hasPositive(hosts)) throw new KeyRuleError('only-negated', hosts[0] ?? null);
  if (hosts.length > MAX_PATTERNS) throw new KeyRuleError('too-many-rules', null);
  return [...new Set(hosts)];
}
