import { parseDeviceId, parseRendezvousId } from '@palmkey/envelope';
import type { BoxKey } from '../crypto/index.ts';
import {
  Connection,
  type KexDeps,
  type KexSession,
  type RoutedMessage,
  sealPacket,
  type SessionId,
} from '../provisioning/index.ts';
import { FakeRouter, type RouterHabits, senderOf } from './fake-router.ts';
import { fixedBytes, fixedRandom } from './fixed-keys.ts';
import { ManualClock } from './manual-clock.ts';

const key = fixedBytes('packet key') as Uint8Array as BoxKey;
const id = fixedBytes('session') as Uint8Array as SessionId;
/** Randomness that follows from nothing but how often it was asked for. */
export const randomBytes = fixedRandom('nonces');
/** Where the two of {@link kexPair} meet. */
export const rendezvous = parseRendezvousId(id.slice());
const device = (byte: number) => parseDeviceId(new Uint8Array(16).fill(byte));

/** The session of the device whose id is this byte sixteen times. */
export const sessionOf = (self: number): KexSession => ({
  id,
  rendezvous,
  self: device(self),
  peer: null,
  writeKey: key,
  readKey: key,
  firstSeqno: 1,
  passedOver: new Set(),
});

/** The two ends, x (1) and y (2), of a stream over a relay with these habits. */
export function kexPair(habits: RouterHabits = { hurries: true }) {
  const clock = new ManualClock();
  const router = new FakeRouter(clock, habits);
  const deps: KexDeps = { router, clock, randomBytes };
  return { clock, router, deps, x: new Connection(deps, sessionOf(1)), y: new Connection(deps, sessionOf(2)) };
}

/** A packet as anybody with the key could make it, as its own sender posts it. */
export const packetOf = (
  by: number,
  seqno: number,
  payload: Uint8Array,
  over: Partial<KexSession> = {},
): RoutedMessage => ({
  sender: senderOf(by),
  seqno,
  message: sealPacket(
    over.writeKey ?? key,
    { sender: device(by), session: over.id ?? id, seqno },
    randomBytes(24),
    payload,
  ),
});
