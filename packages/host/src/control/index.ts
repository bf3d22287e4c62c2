export { ControlClient } from './client.ts';
export { ControlError } from './control-error.ts';
export type * from './protocol.ts';
export type { KeyRuleError } from '../key-offers/errors.ts';
export { paths, type Paths } from '../paths.ts';
