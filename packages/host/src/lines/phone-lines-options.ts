/** What the lines to the phones work with, and whom they tell. */
import type { Primitives } from '@palmkey/core/crypto';
import type { DeviceKeys } from '@palmkey/core/devices';
import type { Content, ReplayStore } from '@palmkey/core/messages';
import type { RelayClient } from '@palmkey/relay-client';
import type { HostAccount } from '../account/host-account.ts';
import type { Clock } from '../clock.ts';
import type { Pairing } from '../state/pairing-store.ts';
import type { OwnName } from './greetings.ts';
import type { RelayWaysOptions } from './relay-ways.ts';

export interface PhoneLinesOptions extends OwnName, RelayWaysOptions {
  readonly device: DeviceKeys;
  readonly replay: ReplayStore;
  readonly primitives: Primitives;
  readonly clock: Clock;
  readonly openRelay: (origin: string) => RelayClient;
  /** Holds back what may not be opened or sent before the head of the account's chain is known. */
  readonly account: RelayWaysOptions['account'] &
    Pick<
      HostAccount,
      'activeState' | 'again' | 'connected' | 'heard' | 'isRemoved' | 'lost' | 'mayPass' | 'meet' | 'pass'
    >;
}

/** What they throw ends at {@link onFault}. */
export interface PhoneLinesEvents {
  /** A message that passed every check, with the pairing it came through. */
  onMessage(pairing: Pairing, content: Content): void;
  /** A phone has connected, or something may not have reached it: repeat to it what is open. */
  onHere(pairing: Pairing): void;
  /** The relay says that the phone is not connected; what has a lifetime waits for it there. */
  onAbsent(pairing: Pairing): void;
  /** A signed message of a known phone, too far from this clock: for words only. */
  onSkew(pairing: Pairing, content: Content, skewMs: number): void;
  /** A phone's own word that this version does not know: it runs a newer one. */
  onNotUnderstood(pairing: Pairing): void;
  /** Something that can be shown has changed. */
  onChange(): void;
  /** A message could not be acted on, or not be made, for a fault of this computer. */
  onFault(error: unknown): void;
}
