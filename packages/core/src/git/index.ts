/** Commits and tags as git hands them over to be signed (spec/git.md): read strictly, signed byte for byte. Pure. */
export type { GitCommit, GitHeader } from './commit.ts';
export { GitFormatError } from './errors.ts';
export { MAX_GIT_HEADERS } from './header-lines.ts';
export { gitSignedData, MAX_GIT_OBJECT_BYTES, parseGitObject } from './object.ts';
export type { GitObject } from './object.ts';
export type { GitPerson } from './person.ts';
export type { GitTag } from './tag.ts';
