/** Phones that come to this computer and go: their pairings are kept, ended by a person here, and forgotten. */
import { MAX_LIFETIME_MS } from '@palmkey/core/messages';
import { PairingError } from '@palmkey/core/pairing';
import { ControlError } from './control/control-error.ts';
import type { LogFact } from './control/protocol.ts';
import type { Daemon } from './daemon.ts';
import { logEntry } from './state/event-log.ts';
import type { Pairing } from './state/pairing-store.ts';

/**
 * Keeps a phone that has paired; one that was paired before takes its own place again.
 * @throws PairingError `cancelled` once the daemon has ended; ControlError `phone-removed`; StateError `not-writable`
 */
export async function keepPairing(daemon: Daemon, pairing: Pairing): Promise<void> {
  if (daemon.isEnded) throw new PairingError('cancelled');
  const { id, name } = pairing.peer;
  // The chain would have it out again with its next link, and nothing of it is heard before that.
  if (daemon.account.isRemoved(id)) throw new ControlError('phone-removed', { phone: name });
  try {
    daemon.pairings.put(pairing);
  } catch (error) {
    // The phone has stored its side, and would wait for a computer that does not know it.
    if (daemon.pairings.get(id) === undefined) await daemon.lines.send(pairing, { kind: 'unpair' });
    throw error;
  }
  daemon.rememberedKeys.keep(pairing);
  daemon.log(logEntry(daemon.clock.now(), { kind: 'paired', phone: name }));
  daemon.lines.sync();
  void daemon.lines.greet(pairing);
}

/**
 * Forgets a phone; what is open for it fails. `why` is what the log says of it; null: nothing.
 * @throws StateError `not-writable`; then nothing has changed.
 */
export function dropPairing(
  daemon: Daemon,
  pairing: Pairing,
  why: (Pick<LogFact, 'kind'> & Partial<LogFact>) | null = { kind: 'unpaired' },
): void {
  const kept = daemon.pairings.get(pairing.peer.id) ?? pairing;
  if (!daemon.pairings.remove(pairing.peer.id)) return;
  daemon.rememberedKeys.keep(kept);
  daemon.askPhone.forget(pairing, why?.kind === 'revoked' ? 'revoked' : 'unpaired');
  if (why !== null) daemon.log(logEntry(daemon.clock.now(), { ...why, phone: pairing.peer.name }));
  daemon.changed();
  daemon.beginAnew();
}

/**
 * Ends a pairing here and now; a phone of the account is not this computer's to take out. A phone that is there is
 * told. One that is not hears it from the relay, which knows it no more, and where it still does, by a message that
 * waits there.
 * @throws StateError `not-writable`, ControlError `in-account`; then the pairing goes on.
 */
export async function unpair(daemon: Daemon, pairing: Pairing): Promise<{ told: boolean }> {
  const { account, lines } = daemon;
  const isHere = lines.reachOf(pairing.peer.id).reach === 'here';
  if (isHere) await account.settle(pairing.relay);
  if (account.isMember(pairing.peer.id)) return leaveFor(daemon, pairing);
  const held = lines.hold(pairing.relay);
  try {
    dropPairing(daemon, pairing);
    const told = isHere && (await lines.send(pairing, { kind: 'unpair' }));
    // The relay has no business with a phone that nobody here knows; whoever else paired it has let it in anew.
    const forgotten = await held.client.forgetDevice(pairing.peer.id).then(
      () => true,
      () => false,
    );
    if (!told && !forgotten) {
      await lines.send(pairing, { kind: 'unpair' }, { lifetimeMs: MAX_LIFETIME_MS, durable: true });
    }
    return { told };
  } finally {
    held.release();
  }
}

/** The account decides who its phones are; a computer that is to have nothing to do with its only one leaves it. */
async function leaveFor({ account }: Daemon, { peer }: Pairing): Promise<{ told: boolean }> {
  if (!account.isOnlyPhone(peer.id)) throw new ControlError('in-account', { phone: peer.name });
  await account.leave();
  return { told: true };
}
