import type { Row } from '../rows.ts';
import type { Built } from './servers.ts';

/** What every case is given. */
export interface Work {
  readonly quick: boolean;
  readonly built: Built;
  /** For stores and configurations; gone afterwards. */
  readonly folder: string;
}

/** One case, or a few that are measured together. */
export interface Case {
  readonly name: string;
  readonly run: (work: Work) => Promise<readonly Row[]>;
}
