/** What the command line's exit code means. Scripts rely on these numbers: they never change. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  'not-set-up': 3,
  refused: 4,
  'no-answer': 5,
  unverified: 6,
} as const;

export type ExitName = keyof typeof exitCodes;
export type ExitCode = (typeof exitCodes)[ExitName];
