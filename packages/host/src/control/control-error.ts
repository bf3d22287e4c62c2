import { PalmkeyError } from '@palmkey/envelope';
import type { ControlFailure } from './protocol.ts';

/** A call that the daemon refused, or that could not reach it (`not-running`, `disconnected`). */
export class ControlError extends PalmkeyError {
  override readonly name = 'ControlError';
  readonly code: string;
  readonly detail: ControlFailure['detail'];

  constructor(code: string, detail: ControlFailure['detail'] = {}, options: { cause?: unknown } = {}) {
    super(code, options);
    this.code = code;
    this.detail = detail;
  }
}
