/** git and Palmkey: `palmkey git setup`, and what its signing program needs. */
export { systemProcesses } from '../claims/processes.ts';
export { withoutControls } from '../claims/terminal.ts';
export { GitSetupError } from './errors.ts';
export { gitIn } from './git-program.ts';
export { knownKeys } from './known-keys.ts';
export { repositoryHere } from './repository.ts';
export type { RepositoryClaim } from './repository.ts';
export { gitSetupPaths, setUpGit, signingKeyOf, undoGitSetup } from './set-up-git.ts';
export type { GitSetupOptions, GitSetupReport, GitUndoReport, GitWarning } from './set-up-git.ts';
export { parseSignArguments, readPublicKey } from './sign-arguments.ts';
export type { SignArguments } from './sign-arguments.ts';
