/** The relay: carries sealed bodies between devices and can open none (spec/relay.md). */
export type { AdmissionMode } from './admission.ts';
export { systemClock } from './clock.ts';
export type { Clock } from './clock.ts';
export { RelayStartError } from './errors.ts';
export type { RelayStartFault } from './errors.ts';
export { Operator } from './operator.ts';
export type { AccountFact, DeviceFact, InvitationFact, NewInvitation, RunningRelay } from './operator.ts';
export { openStoreDesk, operatorDesk } from './control/operator-desk.ts';
export { backUp, restore } from './store/backup.ts';
export type { BackupFault, Manifest } from './store/backup.ts';
export type { GithubOptions, PushOptions, RelayOptions } from './options.ts';
export { startRelay } from './relay.ts';
export type { Relay } from './relay.ts';
export { busSubjects, logFields, sees } from './sees.ts';
export type { Sight } from './sees.ts';
export type { Subject } from './store/account-store.ts';
export { openDatabase } from './store/database.ts';
export type { Database } from './store/database.ts';
