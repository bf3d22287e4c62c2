import type { GitPerson } from './person.ts';
import type { ObjectLines } from './header-lines.ts';
import { GitFormatError } from './errors.ts';
import { HeaderFields } from './fields.ts';
import { objectText } from './object-text.ts';
import { parsePerson } from './person.ts';

/** An annotated tag as it is signed. Text is as it was written: not made safe for a screen. */
export interface GitTag {
  readonly kind: 'tag';
  /** What is tagged: 40 or 64 lower-case hexadecimal digits. */
  readonly object: string;
  readonly objectType: 'commit' | 'tree' | 'blob' | 'tag';
  /** The tag's name; not empty. */
  readonly tag: string;
  /** Null in tags as the oldest gits wrote them. */
  readonly tagger: GitPerson | null;
  /** All that follows the empty line. */
  readonly message: string;
  /** How the text was read (spec/git.md, "Text"). */
  readonly decoded: string;
}

/** Reads a tag, which has no further headers. Throws {@link GitFormatError}. */
export function parseTag({ headers, message }: ObjectLines): GitTag {
  const fields = new HeaderFields(headers);
  const object = fields.objectName('object');
  const objectType = parseType(String.fromCharCode(...fields.value('type').subarray(0, 8)));
  const tag = fields.value('tag');
  if (tag.length === 0) throw new GitFormatError('a tag without a name');
  const tagger = fields.nextName === 'tagger' ? fields.value('tagger') : null;
  if (fields.nextName !== null) throw new GitFormatError('a tag with further headers');
  const text = objectText([tag, tagger ?? new Uint8Array(0), message], null);
  return {
    kind: 'tag',
    object,
    objectType,
    tag: text.decode(tag),
    tagger: tagger === null ? null : parsePerson(tagger, text),
    message: text.decode(message),
    decoded: text.decoded,
  };
}

function parseType(type: string): GitTag['objectType'] {
  switch (type) {
    case 'commit':
    case 'tree':
    case 'blob':
    case 'tag':
      return type;
    default:
      throw new GitFormatError('a tag of no known type');
  }
}
