/** What the account's chain, and a phone that wants this computer on it, mean to the daemon. */
import type { ChainState } from '@palmkey/chain';
import { DeviceFactsError, parseSaltedFacts } from '@palmkey/core/account';
import { parseDeviceName, type Peer } from '@palmkey/core/devices';
import type { Content } from '@palmkey/core/messages';
import { type DeviceId, equal, RelayError, toHex } from '@palmkey/envelope';
import { RelayClientError } from '@palmkey/relay-client';
import type { Daemon } from '../daemon.ts';
import { dropPairing } from '../pairing-desk.ts';
import { logEntry } from '../state/event-log.ts';
import type { Pairing } from '../state/pairing-store.ts';
import { nameOrId } from './account-facts.ts';
import { phoneChanges, provisionalName } from './account-phones.ts';

/** The version of spec/requests.md from which on a phone can put a computer on a chain. */
const protocolOfAccounts = 4;

/**
 * Writes down who decides from now on. What is open for a phone that does no more fails in the same turn.
 * @throws StateError `not-writable`
 */
export function settlePhones(daemon: Daemon, state: ChainState, isNew: boolean): void {
  const { account, accountFile, pairings, device, clock } = daemon;
  const now = clock.now();
  const relay = account.place?.relay ?? daemon.options.relay;
  const known = daemon.known();
  const self = state.findEver(device.id);
  if (isNew && self !== undefined) {
    daemon.log(logEntry(now, { kind: 'enlisted', by: nameOrId(known, self.added.by) }));
  }
  const { joined, ended } = phoneChanges(state, device.id, pairings.list(), { relay, now });
  const end = self !== undefined && 'revoked' in self ? self.revoked : null;
  // Who decides no more comes first: what follows may fail for want of room.
  for (const { pairing, by } of ended) {
    dropPairing(daemon, pairing, end === null ? { kind: 'revoked', by: nameOrId(known, by) } : null);
  }
  for (const { peer } of pairings.list()) if (account.isMember(peer.id)) learnName(daemon, peer);
  for (const phone of joined) pairings.put(phone);
  if (end !== null && !accountFile.isOver) {
    accountFile.end();
    daemon.log(logEntry(now, { kind: 'removed', by: equal(end.by, device.id) ? null : nameOrId(known, end.by) }));
  }
  daemon.lines.sync();
  daemon.beginAnew();
}

/**
 * The account is at another relay: the member that has told so is there, or all where a person says so here; any other is
 * taken to be where it was until it speaks there.
 * @throws StateError `not-writable`
 */
export function settleAt(daemon: Daemon, relay: string, by: DeviceId | null): void {
  const { account, pairings, lines, clock } = daemon;
  for (const pairing of pairings.list()) {
    const isThere = by === null ? account.isMember(pairing.peer.id) : equal(pairing.peer.id, by);
    if (isThere) pairings.put({ ...pairing, relay });
  }
  daemon.log(logEntry(clock.now(), { kind: 'moved', host: relay, by: by && nameOrId(daemon.known(), by) }));
  lines.sync();
  lines.begin();
}

/**
 * Keeps what a phone of the account is called: its history is told with names, also when the phone is out of it.
 * @throws StateError `not-writable`
 */
export function learnName({ accountFile }: Daemon, { id, name }: Pick<Peer, 'id' | 'name'>): void {
  if (name !== provisionalName(id)) accountFile.learn(new Map([[toHex(id), name]]));
}

/**
 * Keeps what a member says that devices of the account are called, each as far as its link promises it. A phone that has
 * not been here itself has its name from then on.
 * @throws StateError `not-writable`
 */
export function learnFacts(
  daemon: Daemon,
  { peer }: Pick<Pairing, 'peer'>,
  { devices }: Extract<Content, { kind: 'facts' }>,
): void {
  const { account, accountFile, pairings } = daemon;
  const { state } = account;
  if (state === null || !account.isMember(peer.id)) return;
  const names = new Map(
    devices.flatMap(({ id, facts, salt }) => {
      const name = promisedName(state, id, facts, salt);
      return name === null ? [] : [[toHex(id), name] as const];
    }),
  );
  accountFile.learn(names);
  for (const pairing of pairings.list()) {
    const { id, name } = pairing.peer;
    const told = names.get(toHex(id));
    if (told === undefined || name !== provisionalName(id)) continue;
    pairings.put({ ...pairing, peer: { ...pairing.peer, name: parseDeviceName(told) } });
    daemon.log(logEntry(daemon.clock.now(), { kind: 'joined', phone: told }));
  }
  daemon.changed();
}

function promisedName(state: ChainState, id: DeviceId, facts: Uint8Array, salt: Uint8Array): string | null {
  const device = state.findEver(id);
  if (device === undefined) return null;
  try {
    return parseSaltedFacts(facts, salt, device.facts).facts.name;
  } catch (error) {
    if (error instanceof DeviceFactsError) return null;
    throw error;
  }
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
    if (!(error instanceof RelayClientError || error instanceof RelayError)) daemon.fault(error);
  }
}
