import { PalmkeyError } from '@palmkey/envelope';

/** Why a service was not installed: `not-our-service` (a file of another's stands there), `no-service-manager` (neither systemd nor launchd). */
export class ServiceError extends PalmkeyError {
  override readonly name = 'ServiceError';
  readonly code: 'not-our-service' | 'no-service-manager';
  readonly path: string;

  constructor(code: ServiceError['code'], path: string) {
    super(`${code}: ${path}`);
    this.code = code;
    this.path = path;
  }
}
