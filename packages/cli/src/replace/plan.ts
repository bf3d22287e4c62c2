/** Which keys go, which comes, and where: from what the computer remembers. Pure. */
import type { KeyFact, KeyUsesFact, UsedKeyFact, UseFact } from '@palmkey/host/control';
import { parseAuthorizedKey, fingerprint, SshFormatError } from '@palmkey/core/ssh';
import { CliError } from '../cli-error.ts';
import { isProvider, keySettings } from './providers.ts';

export interface OldKey {
  readonly fingerprint: string;
  readonly comment: string;
  /** The phone that had it; null where nobody here knows. */
  readonly phone: string | null;
  /** Null for a key of which no more than the fingerprint is known: no line of it can be found. */
  readonly line: string | null;
  /** Whether a paired phone still has it. */
  readonly held: boolean;
  /** ms since 1970; null where no use is known. */
  readonly lastUsedAt: number | null;
}

export interface Stop {
  readonly user: string | null;
  /** Null: a server beyond another one, which nobody here can name. */
  readonly host: string | null;
  readonly port: number | null;
  readonly hostKey: string | null;
  /** Which of the old keys were used there. */
  readonly keys: readonly string[];
  readonly lastUsedAt: number;
  /** When another key took their place, and which; null where that is still to be done. */
  readonly replaced: UseFact['replaced'];
}

export interface ProviderStop extends Stop {
  readonly host: string;
  /** The page with the person's keys. */
  readonly settings: string | null;
  /** Whether commits for it were signed with such a key. */
  readonly signs: boolean;
}

export interface ReplacePlan {
  readonly old: readonly OldKey[];
  readonly servers: readonly Stop[];
  readonly providers: readonly ProviderStop[];
}

/**
 * The keys that no paired phone has any more, those with a line where there are such, or those that `wanted` names: a comment, a fingerprint, a phone, or a whole
 * line for authorized_keys. Throws CliError `no-old-key` (`wanted` names none), `no-lost-key` (none is lost).
 */
export function oldKeys(facts: KeyUsesFact, wanted: string | undefined): readonly OldKey[] {
  const all = [...facts.keys.map((key) => oldKey(key, facts.uses)), ...unknownKeys(facts)];
  if (wanted === undefined) {
    const lost = all.filter((key) => !key.held && key.lastUsedAt !== null);
    if (lost.length === 0) throw new CliError('no-lost-key');
    const findable = lost.filter(({ line }) => line !== null);
    return findable.length > 0 ? findable : lost;
  }
  const given = lineOf(wanted);
  if (given !== null) return [{ ...given, ...factsOf(given.fingerprint, facts) }];
  const bare = wanted.replace(/^SHA256:/, '');
  const found = all.filter(
    (key) => key.comment === wanted || key.phone === wanted || key.fingerprint.startsWith(`SHA256:${bare}`),
  );
  if (found.length === 0 || wanted === '') throw new CliError('no-old-key', { key: wanted });
  return found;
}

/** Where those keys were used, the latest first. */
export function planFor(old: readonly OldKey[], uses: readonly UseFact[]): ReplacePlan {
  const names = new Set(old.map((key) => key.fingerprint));
  const stops = new Map<string, Stop & { readonly kinds: ReadonlySet<string> }>();
  for (const use of uses) {
    if (!names.has(use.key)) continue;
    const { user, host, port, hostKey } = use;
    const id = JSON.stringify(host === null ? [user, hostKey] : [user, host, port, isProvider(use)]);
    const before = stops.get(id);
    const isDone = use.replaced !== null && before?.replaced !== null;
    stops.set(id, {
      ...{ user, host, port },
      hostKey: before?.hostKey ?? hostKey,
      keys: [...new Set([...(before?.keys ?? []), use.key])],
      lastUsedAt: Math.max(before?.lastUsedAt ?? 0, use.at),
      replaced: isDone ? use.replaced : null,
      kinds: new Set([...(before?.kinds ?? []), use.kind, ...(isProvider(use) ? ['provider'] : [])]),
    });
  }
  const servers: Stop[] = [];
  const providers: ProviderStop[] = [];
  for (const { kinds, ...stop } of [...stops.values()].toSorted((a, b) => b.lastUsedAt - a.lastUsedAt)) {
    if (stop.host !== null && kinds.has('provider')) {
      providers.push({ ...stop, host: stop.host, settings: keySettings(stop.host), signs: kinds.has('git') });
    } else servers.push(stop);
  }
  return { old, servers, providers };
}

/** The keys that could come: those of paired phones that do not go, each once. */
export function newKeys(keys: readonly KeyFact[], old: readonly OldKey[]): readonly KeyFact[] {
  const gone = new Set(old.map((key) => key.fingerprint));
  return [...new Map(keys.map((key) => [key.fingerprint, key])).values()].filter((key) => !gone.has(key.fingerprint));
}

function oldKey(key: UsedKeyFact, uses: readonly UseFact[]): OldKey {
  const { fingerprint: name, comment, phone, line, held } = key;
  return { fingerprint: name, comment, phone, line, held, lastUsedAt: lastUse(name, uses) };
}

function unknownKeys({ keys, uses }: KeyUsesFact): OldKey[] {
  const known = new Set(keys.map((key) => key.fingerprint));
  const names = new Set(uses.map(({ key }) => key).filter((key) => !known.has(key)));
  return [...names].map((name) => {
    return { fingerprint: name, comment: '', phone: null, line: null, held: false, lastUsedAt: lastUse(name, uses) };
  });
}

function lastUse(name: string, uses: readonly UseFact[]): number | null {
  const times = uses.filter(({ key }) => key === name).map(({ at }) => at);
  return times.length === 0 ? null : Math.max(...times);
}

/** What is remembered of a key whose line the person gave. */
function factsOf(name: string, { keys, uses }: KeyUsesFact): Pick<OldKey, 'phone' | 'held' | 'lastUsedAt'> {
  const known = keys.find((key) => key.fingerprint === name);
  return { phone: known?.phone ?? null, held: known?.held ?? false, lastUsedAt: lastUse(name, uses) };
}

function lineOf(text: string): Pick<OldKey, 'fingerprint' | 'comment' | 'line'> | null {
  try {
    const { blob, comment } = parseAuthorizedKey(text);
    return { fingerprint: fingerprint(blob), comment, line: text.trim() };
  } catch (error) {
    if (error instanceof SshFormatError) return null;
    throw error;
  }
}
