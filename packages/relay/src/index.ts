/** The relay: carries sealed bodies between devices and can open none (spec/relay.md). */
export type { AdmissionMode } from './admission.ts';
export { systemClock } from './clock.ts';
export type { Clock } from './clock.ts';
export { RelayStartError } from './errors.ts';
export type { RelayStartFault } from './errors.ts';
export type { GithubOptions, PushOptions, RelayOptions } from './options.ts';
export { startRelay } from './relay.ts';
export type { Relay } from './relay.ts';
export { sees } from './sees.ts';
export type { Sight } from './sees.ts';
