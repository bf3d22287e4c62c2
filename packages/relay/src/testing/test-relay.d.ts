import { type Frame, type RelayErrorCode } from '@palmkey/envelope';
import { type Relay } from '../relay.ts';
import type { RelayOptions } from '../options.ts';
/** A relay on loopback for members, with a store in memory, and the lines that it logged. */
export declare function testRelay(options?: Partial<RelayOptions>): Promise<Relay & {
    log: string[];
}>;
/** The code of a frame that should be an error. */
export declare function codeOf(frame: Frame): RelayErrorCode;
