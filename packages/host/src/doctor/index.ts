/** `palmkey doctor`: looks at every link of the way from ssh to the phone. */
export { staleSetup } from './check-ssh-config.ts';
export { examine } from './examine.ts';
export type { ExamineOptions } from './examine.ts';
export { links, verdicts } from './finding.ts';
export type { Finding, FindingCode, Link, Verdict } from './finding.ts';
