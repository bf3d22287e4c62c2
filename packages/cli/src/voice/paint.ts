import { createColors } from 'picocolors';
import type { Cli, Screen } from '../cli.ts';

/** Colours, each for one meaning and never its only sign. */
export interface Paint {
  /** What the eye should find first. */
  readonly strong: (text: string) => string;
  /** What may be overlooked. */
  readonly quiet: (text: string) => string;
  readonly good: (text: string) => string;
  readonly unusual: (text: string) => string;
  readonly bad: (text: string) => string;
  /** What can be typed. */
  readonly command: (text: string) => string;
}

/** Colours on a terminal (unless NO_COLOR or a dumb terminal forbids them), plain text elsewhere; FORCE_COLOR wins. */
export function paintFor(screen: Screen, env: Cli['env']): Paint {
  const forced = env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '' && env.FORCE_COLOR !== '0';
  const forbidden = (env.NO_COLOR !== undefined && env.NO_COLOR !== '') || env.TERM === 'dumb';
  const colours = createColors(forced || (screen.isTTY === true && !forbidden));
  return {
    strong: colours.bold,
    quiet: colours.dim,
    good: colours.green,
    unusual: colours.yellow,
    bad: colours.red,
    command: colours.cyan,
  };
}

const same = (text: string) => text;

/** No colours. */
export const plainPaint: Paint = { strong: same, quiet: same, good: same, unusual: same, bad: same, command: same };
