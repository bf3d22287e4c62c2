/** The computer: it asks. */
export type { Host, HostOptions } from './host.ts';
export { accountLog, type AccountLogFact, exportedChain, type LoggedDevice } from './account/chain-log.ts';
export { changePassphraseAlone, storedKeysState } from './keys/change-alone.ts';
export { prepareDevice } from './keys/prepare-device.ts';
export type { AskProgress, ProgressWords } from './asking/ask-progress.ts';
export { type Paths, paths } from './paths.ts';
export { AgentStartError } from './ssh-agent/errors.ts';
export { startHost } from './start-host.ts';
export { type Introduce, startRenewingHost } from './renewing-host.ts';
export { StateError } from './state/errors.ts';
export { invitationGrant } from './invitation.ts';
