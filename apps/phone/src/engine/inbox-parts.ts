import type { Content } from '@palmkey/core/messages';
import type { DeviceId } from '@palmkey/envelope';
import { toHex } from '@palmkey/envelope';
import type { HexId } from '../model/hex-id.ts';
import type { Store } from '../store/store.ts';
import type { InboxPost } from './inbox-post.ts';
import type { Coverable } from './permissions/coverage.ts';
import type { PermissionBook } from './permissions/permission-book.ts';
import type { PhoneState } from './phone-state.ts';
import type { Carriage, EnginePorts } from './ports.ts';
import type { PromptBudget } from './prompt-budget.ts';
import type { StoredReplay } from './replay-store.ts';
import { isMuted, type RequestLedger } from './request-ledger.ts';
import type { RequestShelf, Waiting } from './request-shelf.ts';
import type { Turns } from './turns.ts';

/** What the inbox works with. */
export interface InboxDeps {
  readonly ports: EnginePorts;
  readonly state: PhoneState;
  readonly store: Store;
  readonly turns: Turns;
  readonly replay: StoredReplay;
  readonly book: PermissionBook;
  /** This phone's own id. */
  readonly device: DeviceId;
  /** Resolves once it is handed over, or dropped; false when `still` said so at the last moment. */
  readonly send: (host: HexId, content: Content, how?: Carriage, still?: () => boolean) => Promise<boolean>;
  /** What the computer speaks; null when the two have nothing in common. */
  readonly protocol: (host: HexId) => number | null;
  /** False once another tab answers: from then on nothing is decided here. */
  readonly alive: () => boolean;
  /** Runs when time ends something; what it rejects with is the session's to handle. */
  readonly onDue: (work: () => Promise<void>) => void;
}

/** What the parts of an inbox share. */
export interface InboxParts extends InboxDeps {
  readonly shelf: RequestShelf;
  readonly ledger: RequestLedger;
  readonly budget: PromptBudget;
  readonly post: InboxPost;
  /** It waits for a person from now on. */
  readonly wait: (waiting: Waiting) => void;
  /** It waits no more. */
  readonly leave: (id: string) => void;
  /** It ran out of time. */
  readonly expireOne: (waiting: Waiting) => Promise<void>;
}

/** What a request's row is found by. */
export function rowId(host: HexId, id: Uint8Array): string {
  return `${host}/${toHex(id)}`;
}

/** The request as permissions look at it; null where the key or the text is not here, or the key is not any more. */
export function coverableOf({ row, subject, key }: Waiting, { keys, pinBook }: PhoneState): Coverable | null {
  if (subject === null || key === null || !keys.some(({ id }) => id === key.id)) return null;
  return { computer: row.host, subject, key, pins: pinBook };
}

/** Whether a computer may not ask at this moment. */
export function isMutedNow({ ports, state }: Pick<InboxDeps, 'ports' | 'state'>, host: HexId): boolean {
  return isMuted(state.pairings.get(host)?.mutedUntil ?? null, ports.clock.now());
}

/** A login that the computer can go on with another key for. */
export function canPass({ row, request }: Waiting, protocol: InboxDeps['protocol']): boolean {
  return request.kind === 'ssh-sign' && (protocol(row.host) ?? 1) >= 2;
}
