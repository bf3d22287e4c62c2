import { type Frame } from '@palmkey/envelope';
import type { Seat } from './seat.ts';
import type { Switchboard } from './switchboard.ts';
/**
 * Does what a device orders by a control frame (spec/relay.md, "Orders of a device"); the answer to it. Throws
 * `RelayError` where the order cannot be followed and `FrameError` where it is none.
 */
export declare function obey(board: Switchboard, { device, household }: Seat, frame: Frame): Promise<Uint8Array>;
