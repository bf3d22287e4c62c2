export { ControlClient } from './client.ts';
export { ControlError } from './control-error.ts';
export type * from './protocol.ts';
export { paths, type Paths } from '../paths.ts';
