import {
  linesOfRing,
  parseHistoryChunk,
  parseMemberRecordName,
  type SharedLine,
  type SharedPermission,
} from '@palmkey/core/account';
import { FormatError } from '@palmkey/core/crypto';
import { fromHex, toHex } from '@palmkey/envelope';
import type { HistoryEntry, PermissionView } from '../../model/model.ts';
import type { HistoryRow, SharedRow } from '../../store/schema.ts';
import type { PhoneState } from '../phone-state.ts';

const PRINT = 'SHA256:';

/** A permission of this phone as the others see it. */
export function sharedPermission({
  id,
  computer,
  scope,
  keyName,
  createdAt,
  endsAt,
}: PermissionView): SharedPermission {
  return {
    id,
    computer: computer.id,
    scope:
      scope.is === 'server'
        ? { is: scope.is, ...scope.host, user: scope.user, through: scope.through }
        : { is: scope.is },
    keyName,
    createdAt,
    endsAt,
  };
}

/** A permission of another phone as it is shown here. */
export function permissionView(
  { id, computer, scope, keyName, createdAt, endsAt }: SharedPermission,
  phone: string,
  ending: boolean,
  state: PhoneState,
): PermissionView {
  return {
    id,
    phone,
    ending,
    computer: { id: computer, name: computerName(computer, state) ?? computer.slice(0, 8) },
    scope:
      scope.is === 'server'
        ? {
            is: scope.is,
            host: { name: scope.name, port: scope.port },
            user: scope.user,
            through: scope.through,
          }
        : { is: scope.is },
    keyName,
    createdAt,
    endsAt,
    uses: null,
    lastUsedAt: null,
  };
}

/** A line of this phone's history as the others see it; null for what nobody decided here. */
export function sharedLine(row: HistoryRow): SharedLine | null {
  const { by } = row;
  if (by !== 'person' && by !== 'permission') return null;
  return {
    hash: row.hash,
    host: row.id.slice(0, 32),
    at: row.at,
    kind: row.kind,
    outcome: row.outcome,
    by,
    confirmed: row.confirmed,
    signed: row.signed,
    computer: row.computer,
    user: row.user,
    server: row.host,
    hostKey: row.hostFingerprint === null ? null : hashOf(row.hostFingerprint),
    keyName: row.keyName,
    subject: row.subject,
    repository: row.repository,
  };
}

/** A line of another phone's history as it is shown here. */
export function historyEntry(line: SharedLine, phone: string, state: PhoneState): HistoryEntry {
  return {
    hash: line.hash,
    at: line.at,
    kind: line.kind,
    computer: computerName(line.host, state) ?? line.computer,
    subject: line.subject,
    repository: line.repository,
    user: line.user,
    host: line.server,
    hostFingerprint: line.hostKey === null ? null : printOf(line.hostKey),
    keyName: line.keyName,
    outcome: line.outcome,
    refusal: null,
    skewMs: null,
    by: line.by,
    phone,
    confirmed: line.confirmed,
    signed: line.signed,
  };
}

/** The lines of a device's history, of all its records; what does not parse has none. */
export function linesOf(rows: Iterable<SharedRow>): readonly SharedLine[] {
  const chunks = [...rows].flatMap((row) => {
    if (parseMemberRecordName(row.id)?.kind !== 'history') return [];
    try {
      return [parseHistoryChunk(row.body)];
    } catch (error) {
      if (error instanceof FormatError) return [];
      throw error;
    }
  });
  return linesOfRing(chunks);
}

function computerName(id: string, state: PhoneState): string | null {
  return state.pairings.has(id) ? state.computerName(id) : null;
}

/** Of `SHA256:<base64 without padding>`, as ssh-keygen says it; null for anything else. */
function hashOf(print: string): string | null {
  if (!print.startsWith(PRINT)) return null;
  const bytes = Uint8Array.from(atob(print.slice(PRINT.length)), (character) => character.charCodeAt(0));
  return bytes.length === 32 ? toHex(bytes) : null;
}

function printOf(hash: string): string {
  return PRINT + btoa(String.fromCharCode(...fromHex(hash))).replaceAll('=', '');
}
