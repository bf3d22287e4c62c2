/** A phone and a host meet (spec/pairing.md). Pure. */
export { abortReasons, PairingError } from './errors.ts';
export type { AbortReason, PairingFault } from './errors.ts';
export { ANSWER_LIMIT_MS, CODE_ATTEMPTS, CODE_LIMIT_MS, startHostPairing } from './host.ts';
export type { HostPairing } from './host.ts';
export {
  encodePairingLink,
  LINK_LIFETIME_MS,
  pairingUrl,
  parsePairingLink,
  parsePairingUrl,
  rendezvousIdOf,
} from './link.ts';
export type { PairingLink } from './link.ts';
export { isLoopback, isOrigin, isSafeOrigin } from './origin.ts';
export { runPhonePairing } from './phone.ts';
export type { PhonePairingDeps } from './phone.ts';
export type {
  HostHooks,
  PairingClock,
  PairingDeps,
  PairingProgress,
  PairingRecord,
  PhoneHooks,
  RendezvousChannel,
  UserKey,
} from './ports.ts';
