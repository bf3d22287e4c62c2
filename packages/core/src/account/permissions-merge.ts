import { equal } from '@palmkey/envelope';
import { encodeSharedPermissions, type SharedEnding, type SharedPermission } from './shared-permissions.ts';

/** What one phone says that it allows, by the record with the highest counter. */
export interface GivenPermissions {
  readonly counter: number;
  readonly given: readonly SharedPermission[];
}

/**
 * What is allowed on all phones, and what was ended of it: a state that any two devices merge to the same, in whatever
 * order, and in which an ending stays (spec/permissions.md, "Several phones"). Ids are hexadecimal.
 */
export interface PermissionsState {
  /** By the phone that gave them. */
  readonly given: ReadonlyMap<string, GivenPermissions>;
  /** By the permission: until when the ending is kept, ms. */
  readonly ended: ReadonlyMap<string, number>;
}

/** An ending is kept so long after its permission would have ended: longer than two clocks differ. */
export const KEEP_ENDING_MS = 24 * 60 * 60_000;

/** Nothing is allowed. */
export const noPermissions: PermissionsState = { given: new Map(), ended: new Map() };

/** What a phone's record `permissions/<id>` says. */
export function givenBy(device: string, said: GivenPermissions): PermissionsState {
  return { given: new Map([[device, said]]), ended: new Map() };
}

/** What a phone's record `endings/<id>` says. */
export function endedBy(endings: readonly SharedEnding[]): PermissionsState {
  return { given: new Map(), ended: new Map(endings.map(({ id, endsAt }) => [id, endsAt + KEEP_ENDING_MS])) };
}

/** Both: of each phone the later word on what it gives, and every ending of either. */
export function mergePermissions(a: PermissionsState, b: PermissionsState): PermissionsState {
  const given = new Map(a.given);
  for (const [device, said] of b.given) {
    const other = given.get(device);
    if (other === undefined || isLater(said, other)) given.set(device, said);
  }
  const ended = new Map(a.ended);
  for (const [id, until] of b.ended) ended.set(id, Math.max(until, ended.get(id) ?? 0));
  return { given, ended };
}

/** What is allowed at a time, with the phone that allows it, ending soonest first. */
export function allowedNow(
  { given, ended }: PermissionsState,
  now: number,
): readonly { readonly device: string; readonly permission: SharedPermission }[] {
  return [...given]
    .flatMap(([device, said]) => said.given.map((permission) => ({ device, permission })))
    .filter(({ permission }) => permission.endsAt > now && !ended.has(permission.id))
    .toSorted((a, b) => a.permission.endsAt - b.permission.endsAt || (a.permission.id < b.permission.id ? -1 : 1));
}

/** The same without endings that nothing needs any more. */
export function withoutOldEndings({ given, ended }: PermissionsState, now: number): PermissionsState {
  return { given, ended: new Map([...ended].filter(([, until]) => until > now)) };
}

/** A phone writes each counter once; of two that claim one, all devices take the same. */
function isLater(a: GivenPermissions, b: GivenPermissions): boolean {
  if (a.counter !== b.counter) return a.counter > b.counter;
  const [left, right] = [encodeSharedPermissions(a.given), encodeSharedPermissions(b.given)];
  if (equal(left, right)) return false;
  const at = left.findIndex((byte, i) => byte !== right[i]);
  return at < 0 ? false : (left[at] ?? 0) > (right[at] ?? -1);
}
