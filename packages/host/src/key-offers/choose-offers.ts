/** Which keys a server is offered, and in which order. Pure. */
import { matchesHost } from './host-pattern.ts';
import type { KeyRules } from './key-rules.ts';

/** A server ends a login after six keys that it does not know (sshd_config: MaxAuthTries); one try is left for a key file. */
export const MAX_OFFERED = 5;

/** What a choice needs to know of a key. */
export interface OfferedKey {
  /** `SHA256:…` */
  readonly fingerprint: string;
}

export interface OfferChoice<Key extends OfferedKey> {
  /** The user keys of the phones. */
  readonly ours: readonly Key[];
  /** Those of the person's own agent. */
  readonly upstream: readonly Key[];
  /** What ssh calls the server; null where nobody here knows. */
  readonly name: string | null;
  readonly rules: KeyRules;
  /** The fingerprints of the keys that worked on this server, the latest first. */
  readonly worked: readonly string[];
  /** The fingerprints of those that it has been offered lately and did not want. */
  readonly tried: ReadonlySet<string>;
  /** Lower comes first: keys of phones that are here before those of absent ones. */
  readonly rank: (key: Key) => number;
}

/**
 * At most five keys, or as many as the person's patterns name for this host. First those that a pattern names, then those
 * that worked here, then the other keys of phones, then those of the person's own agent; within that, what was not tried
 * yet comes before what was. A key with patterns goes to no host that they do not match, and none of ours to a host that
 * is switched off; a server without a name gets keys with patterns last of ours.
 */
export function chooseOffers<Key extends OfferedKey>(choice: OfferChoice<Key>): readonly Key[] {
  const { ours, upstream, name, rules, worked, tried, rank } = choice;
  const isOff = name !== null && matchesHost(rules.off, name);
  const order = new Map(rules.order.map((fingerprint, at) => [fingerprint, at]));
  const place = ({ fingerprint }: Key) => order.get(fingerprint) ?? order.size;
  const groups: [named: Key[], worked: Key[], others: Key[], unjudged: Key[], upstream: Key[]] = [[], [], [], [], []];
  for (const key of isOff ? [] : ours) {
    const to = rules.to.get(key.fingerprint);
    const hasWorked = worked.includes(key.fingerprint);
    if (to === undefined) groups[hasWorked ? 1 : 2].push(key);
    else if (name === null) groups[hasWorked ? 1 : 3].push(key);
    else if (matchesHost(to, name)) groups[0].push(key);
  }
  for (const key of upstream) groups[worked.includes(key.fingerprint) ? 1 : 4].push(key);
  const [named, workedHere, others, unjudged] = groups;
  // A key that worked is of no use while its phone is away and another one that worked is here.
  const away = (key: Key) => (ours.includes(key) ? rank(key) : 0);
  workedHere.sort((a, b) => away(a) - away(b) || worked.indexOf(a.fingerprint) - worked.indexOf(b.fingerprint));
  for (const group of [named, others, unjudged]) group.sort((a, b) => rank(a) - rank(b) || place(a) - place(b));
  const all = groups.flat();
  const untried = all.filter(({ fingerprint }) => !tried.has(fingerprint));
  const again = all.filter(({ fingerprint }) => tried.has(fingerprint));
  return [...untried, ...again].slice(0, Math.max(MAX_OFFERED, named.length));
}
