import type { Detail } from '../../cli-error.ts';
import type { ExitName } from '../../exit-codes.ts';
import { visible } from '../visible.ts';

/** What is said of a fault: what happened, then what to do. Neither ends with a stop where a command follows. */
export interface Words {
  readonly problem: string;
  readonly todo: string;
  readonly exit: ExitName;
}

/** Words for one code; `me` is what a person types to run Palmkey. */
export type Say = (detail: Detail, me: string) => Words;

/** A fact of an error as it may stand on a screen; empty when the error does not carry it. */
export function shown(fact: string | number | null | undefined): string {
  return fact === undefined || fact === null ? '' : visible(String(fact));
}
