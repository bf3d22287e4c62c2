import type { PushOptions } from '../options.ts';
/** Throws {@link RelayStartError} `bad-push` for options that push services, or Node, would not take. */
export declare function checkPush({ contact, services, ca }: PushOptions): void;
