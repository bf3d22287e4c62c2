/** What the account's chain, and a phone that wants this computer on it, mean to the daemon. */
import type { ChainState } from '@palmkey/chain';
import type { Content } from '@palmkey/core/messages';
import { type DeviceId, equal } from '@palmkey/envelope';
import { RelayClientError } from '@palmkey/relay-client';
import type { Daemon } from '../daemon.ts';
import { logEntry } from '../state/event-log.ts';
import type { Pairing } from '../state/pairing-store.ts';
import { phoneChanges, shortId } from './account-phones.ts';

/** The version of spec/requests.md from which on a phone can put a computer on a chain. */
const protocolOfAccounts = 4;

/**
 * Writes down who decides from now on. What is open for a phone that does no more fails in the same turn.
 * @throws StateError `not-writable`
 */
export function settlePhones(daemon: Daemon, state: ChainState, isNew: boolean): void {
  const { account, pairings, device, clock } = daemon;
  const now = clock.now();
  const relay = account.place?.relay ?? daemon.options.relay;
  const nameOf = namesBefore(daemon);
  if (isNew) {
    const own = state.find(device.id);
    if (own !== undefined) daemon.log(logEntry(now, { kind: 'enlisted', by: nameOf(own.added.by) }));
  }
  const { joined, ended } = phoneChanges(state, device.id, pairings.list(), { relay, now });
  for (const phone of joined) pairings.put(phone);
  for (const { pairing, by } of ended) daemon.drop(pairing, { kind: 'revoked', by: nameOf(by) });
  const own = state.revoked.find(({ id }) => equal(id, device.id));
  if (own !== undefined && ended.length > 0) {
    const isOwn = equal(own.revoked.by, device.id);
    daemon.log(logEntry(now, { kind: 'removed', by: isOwn ? null : nameOf(own.revoked.by) }));
  }
  daemon.lines.sync();
}

/** Answers a phone that wants this computer in its account; one that speaks an older version cannot ask. Never rejects. */
export async function answerEnlist(
  daemon: Daemon,
  pairing: Pairing,
  content: Extract<Content, { kind: 'enlist' }>,
): Promise<void> {
  const { agreed } = daemon.lines.reachOf(pairing.peer.id);
  if (agreed?.is !== 'speaking' || agreed.protocol < protocolOfAccounts) return;
  try {
    const answer = await daemon.account.consent(pairing, content);
    if (answer !== null) await daemon.lines.send(pairing, answer);
  } catch (error) {
    // The phone asks again when it connects.
    if (!(error instanceof RelayClientError)) daemon.fault(error);
  }
}

/** Names as they are before anything is dropped; the beginning of the id of a device that has none here. */
function namesBefore({ pairings, device, name }: Daemon): (id: DeviceId) => string {
  const known = pairings.list();
  return (id) => {
    if (equal(id, device.id)) return name;
    return known.find(({ peer }) => equal(peer.id, id))?.peer.name ?? shortId(id);
  };
}
