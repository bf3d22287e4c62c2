import type { GitPerson } from './person.ts';
import type { HeaderLine, ObjectLines } from './header-lines.ts';
import { GitFormatError } from './errors.ts';
import { HeaderFields } from './fields.ts';
import { objectText } from './object-text.ts';
import { parsePerson } from './person.ts';

/** A header that is neither of the commit's own four: `encoding`, `mergetag`, or what a tool has added. */
export interface GitHeader {
  readonly name: string;
  /** Its lines, unfolded. */
  readonly value: string;
}

/** A commit as it is signed. Text is as it was written: not made safe for a screen. */
export interface GitCommit {
  readonly kind: 'commit';
  /** 40 or 64 lower-case hexadecimal digits, here and in `parents`. */
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: GitPerson;
  readonly committer: GitPerson;
  /** All other headers, in order. */
  readonly headers: readonly GitHeader[];
  /** All that follows the empty line. */
  readonly message: string;
  /** How the text was read (spec/git.md, "Text"). */
  readonly decoded: string;
}

/** A header that stands in one place, and signatures: git makes a commit's before there is any. */
const NOT_AMONG_OTHERS = new Set(['tree', 'parent', 'author', 'committer', 'gpgsig', 'gpgsig-sha256']);

/** Reads a commit. Throws {@link GitFormatError}. */
export function parseCommit({ headers, message }: ObjectLines): GitCommit {
  const fields = new HeaderFields(headers);
  const tree = fields.objectName('tree');
  const parents: string[] = [];
  while (fields.nextName === 'parent') parents.push(fields.objectName('parent'));
  const author = fields.value('author');
  const committer = fields.value('committer');
  const others = fields.rest();
  const encoding = encodingOf(others);
  const text = objectText([author, committer, ...others.map(({ value }) => value), message], encoding);
  return {
    kind: 'commit',
    tree,
    parents,
    author: parsePerson(author, text),
    committer: parsePerson(committer, text),
    headers: others.map(({ name, value }) => ({ name, value: text.decode(value) })),
    message: text.decode(message),
    decoded: text.decoded,
  };
}

/** The value of the one `encoding` header, if it is a word; refuses headers that may not stand among the others. */
function encodingOf(others: readonly HeaderLine[]): string | null {
  let encoding: string | null = null;
  for (const { name, value } of others) {
    if (NOT_AMONG_OTHERS.has(name)) throw new GitFormatError(`a commit with a header ${name} out of its place`);
    if (name !== 'encoding') continue;
    if (encoding !== null) throw new GitFormatError('a commit of two encodings');
    if (value.length < 1 || value.length > 64 || value.some((byte) => byte <= 0x20 || byte >= 0x7f)) {
      throw new GitFormatError('a commit whose encoding is not a word');
    }
    encoding = String.fromCharCode(...value);
  }
  return encoding;
}
