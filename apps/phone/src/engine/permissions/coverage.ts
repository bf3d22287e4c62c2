import { equal } from '@palmkey/envelope';
import type { UserKey } from '../../keyring/user-key.ts';
import type { CheckedLogin } from '../../keyring/checked-login.ts';
import type { HexId } from '../../model/hex-id.ts';
import type { PermissionOffer, PermissionScope } from '../../model/model.ts';
import type { PermissionRow, ScopeRow } from '../../store/schema.ts';
import type { Subject } from '../judge.ts';
import type { Pins } from '../pins.ts';
import { hopsOf, hostKeyState, plainServerKey } from '../pins.ts';

/** A request as permissions look at it. */
export interface Coverable {
  readonly computer: HexId;
  readonly subject: Subject;
  readonly key: UserKey;
  readonly pins: Pins;
}

/** What a permission would be for, were it given for a request. */
export interface Grantable {
  readonly scope: ScopeRow;
  readonly key: Uint8Array | null;
}

const SCOPES: readonly PermissionScope[] = ['server', 'commits', 'computer'];

/**
 * Which permissions can be given with an approval of this request: those that would cover the next one like it, once
 * this approval has pinned its server.
 */
export function offersOf(request: Coverable): readonly PermissionOffer[] {
  return SCOPES.flatMap((scope) => {
    const grantable = grantableFor(scope, request, true);
    if (grantable === null) return [];
    return [{ scope, forwarded: grantable.scope.is === 'server' && grantable.scope.hops.length > 0 }];
  });
}

/** Whether the permission allows this request, its end aside (spec/permissions.md, "What it covers"). */
export function covers(row: PermissionRow, request: Coverable): boolean {
  if (row.computer !== request.computer || row.revokedAt !== null) return false;
  const wanted = grantableFor(row.scope.is, request, false);
  if (wanted === null || !sameScope(row.scope, wanted.scope)) return false;
  return row.key === null ? wanted.key === null : wanted.key !== null && equal(row.key, wanted.key);
}

/**
 * The permission of this scope that is exactly for this request; null when none may cover it. `pins` says that the
 * approval it comes with pins the server if it is new.
 */
export function grantableFor(scope: PermissionScope, request: Coverable, pins: boolean): Grantable | null {
  const { subject, key } = request;
  const { checked } = subject;
  // What is not what it looks like is shown, always.
  if (subject.hidden || (subject.certificate !== null && subject.certificate.state !== 'valid')) return null;
  switch (checked.kind) {
    case 'file':
      return null;
    case 'git':
      if (scope === 'server') return null;
      return scope === 'computer'
        ? { scope: { is: 'computer' }, key: null }
        : { scope: { is: 'commits' }, key: key.blob };
    case 'login':
      if (scope === 'commits') return null;
      return scope === 'server' ? serverScope(checked, request, pins) : computerScope(checked, request, pins);
  }
}

/** Only servers that are pinned: a name with a key that nobody looked at could be anybody's. */
function computerScope(login: CheckedLogin, { computer, pins }: Coverable, pinning: boolean): Grantable | null {
  if (!isPinned(login, computer, pins, pinning) || hopsOf(login).length > 0) return null;
  return { scope: { is: 'computer' }, key: null };
}

function serverScope(login: CheckedLogin, { computer, key, pins }: Coverable, pinning: boolean): Grantable | null {
  const hostKey = plainServerKey(login);
  const { host } = login.request;
  if (hostKey === null || host === null || !isPinned(login, computer, pins, pinning)) return null;
  const { name, port } = host;
  const { user } = login.userauth;
  return { scope: { is: 'server', name, port, hostKey, hops: hopsOf(login), user }, key: key.blob };
}

/** Whether the server is pinned by this computer's word, or will be by the approval of this login. */
function isPinned(login: CheckedLogin, computer: HexId, pins: Pins, pinning: boolean): boolean {
  const { is } = hostKeyState(login, computer, pins);
  return is === 'pinned' || (pinning && is === 'new');
}

function sameScope(a: ScopeRow, b: ScopeRow): boolean {
  if (a.is !== 'server' || b.is !== 'server') return a.is === b.is;
  return (
    a.name === b.name &&
    a.port === b.port &&
    a.user === b.user &&
    equal(a.hostKey, b.hostKey) &&
    a.hops.length === b.hops.length &&
    a.hops.every((hop, i) => equal(hop, b.hops[i] ?? new Uint8Array()))
  );
}
