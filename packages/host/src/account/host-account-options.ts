import type { ChainState } from '@palmkey/chain';
import type { Primitives } from '@palmkey/core/crypto';
import type { DeviceKeys } from '@palmkey/core/devices';
import type { DeviceId } from '@palmkey/envelope';
import type { LinksFetch, RelayClient, Timers } from '@palmkey/relay-client';
import type { Clock } from '../clock.ts';
import type { HeldLine } from '../lines/phone-lines.ts';
import type { AccountFile } from '../state/account-file.ts';
import type { AccountAlarm } from './found-head.ts';

/** What this computer's account works with, and whom it tells. */
export interface HostAccountOptions {
  readonly device: DeviceKeys;
  readonly file: AccountFile;
  /** Of the file, for errors. */
  readonly path: string;
  readonly primitives: Primitives;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly fetch: LinksFetch;
  /** The origin by which this computer reaches the relay that phones know by that name. */
  readonly dialled: (relay: string) => string;
  /** The line to a relay, as dialled; null where there is none. */
  readonly lineTo: (relay: string) => RelayClient | null;
  /** Keeps a line to a relay, as phones know it; opened where there is none. */
  readonly hold: (relay: string) => Pick<HeldLine, 'client' | 'release'>;
  /** Whether this computer is paired with that device. */
  readonly isPaired: (id: DeviceId) => boolean;
  /** The chain has gone on, or this computer follows it from now on: `isNew`. What it throws is a fault, and the head unknown. */
  readonly onState: (state: ChainState, isNew: boolean) => void;
  /** What was held back may go on, at every relay. */
  readonly onReady: () => void;
  /** The relay shows a chain that is refused: nothing is decided any more. */
  readonly onAlarm: (alarm: AccountAlarm) => void;
  readonly onChange: () => void;
  readonly onFault: (error: unknown) => void;
}
