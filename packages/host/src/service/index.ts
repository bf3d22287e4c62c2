/** `palmkey service`: starts Palmkey when the person logs in. */
export { ServiceError } from './errors.ts';
export type { CommandLine, RunCommand } from './manager.ts';
export { installService, serviceStatus, uninstallService } from './service.ts';
export type { ServiceOptions, ServiceReport, ServiceStatus } from './service.ts';
export type { ServiceManager, ServicePlan } from './service-file.ts';
