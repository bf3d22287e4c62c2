import { PalmkeyError } from '@palmkey/envelope';

/** What became of it: `done`, or the code of its error; an error without one is given as it is. */
export function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(() => 'done').catch((error: unknown) => (error instanceof PalmkeyError ? error.code : error));
}
