/** Words for a service that cannot be installed. */
import type { ServiceError } from '@palmkey/host/service';
import { shown, type Say } from './words.ts';

export const serviceProblems = {
  'not-our-service': (detail) => ({
    problem: `${shown(detail.path)} was not written by Palmkey, so it was left alone`,
    todo: 'Move it away, then try again',
    exit: 'failed',
  }),
  'no-service-manager': (detail) => ({
    problem: `there is no way to a service on ${shown(detail.path)}`,
    todo: 'Services are installed on Linux with systemd and on macOS. Start palmkey up by other means',
    exit: 'failed',
  }),
} as const satisfies Record<ServiceError['code'], Say>;
