/** What an operator can set, from where it is taken, and what is wrong with it. */
export { environmentName, fileKey, flagName, settingNames, settings } from './table.ts';
export type { Setting, SettingName, Settings } from './table.ts';
export { parseDuration } from './kinds.ts';
export type { KindName } from './kinds.ts';
export { resolveSettings } from './resolve.ts';
export type { Given, Resolved, SettingFault, SettingProblem, Source, Standing } from './resolve.ts';
export { contradictionIn, relayOptions } from './to-options.ts';
