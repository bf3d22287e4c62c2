/** `palmkey setup`: leads ssh to the agent and tells of the ssh that is there. */
export { checkSsh, effectiveSettings } from './check-ssh.ts';
export type { EffectiveSettings, SshFacts } from './check-ssh.ts';
export { openHome } from '../state/open-home.ts';
export { SetupError } from './errors.ts';
export { ownConfig } from './own-config.ts';
export { setUpSsh, undoSshSetup } from './set-up-ssh.ts';
export type { SetupOptions, SetupReport, SetupWarning } from './set-up-ssh.ts';
export { diskFiles } from './setup-files.ts';
export type { SetupFile, SetupFiles } from './setup-files.ts';
export { clearStaleSocket } from '../ssh-agent/stale-socket.ts';
export { setUpstream } from '../upstream/upstream-setting.ts';
export type { UpstreamSetting } from '../upstream/upstream-setting.ts';
