import { linesOf, parseConfigLine } from './config-line.ts';
import { SetupError } from './errors.ts';

const BEGIN = '# palmkey: begin';
const END = '# palmkey: end';

/** What the person's file was before, where taking the block out alone would not bring it back. */
export interface BlockMemory {
  /** The file did not end in a newline. */
  readonly newline: boolean;
  /** There was no file. */
  readonly made: boolean;
  /** There was no folder for it either. */
  readonly folder: boolean;
}

export interface Stripped {
  readonly text: string;
  /** Null where there was no block. */
  readonly memory: BlockMemory | null;
}

/**
 * The text without our block, and what the block remembers: byte for byte what it was before, if nothing else changed.
 * @throws SetupError `broken-block` when its two markers are not there once each.
 */
export function withoutBlock(text: string, path: string): Stripped {
  const lines = linesOf(text);
  const [begin, ...moreBegins] = lines.flatMap((line, i) => (line.startsWith(BEGIN) ? [i] : []));
  const [end, ...moreEnds] = lines.flatMap((line, i) => (line.startsWith(END) ? [i] : []));
  if (begin === undefined && end === undefined) return { text, memory: null };
  if (begin === undefined || end === undefined || end < begin || moreBegins.length + moreEnds.length > 0) {
    throw new SetupError('broken-block', path);
  }
  const before = lines.slice(0, begin).join('');
  const after = lines.slice(end + 1).join('');
  const words = (lines[end] ?? '')
    .slice(END.length)
    .trim()
    .split(/[ ,()]+/);
  const memory = { newline: words.includes('newline'), made: words.includes('made'), folder: words.includes('folder') };
  const joined = memory.newline && after === '' && before.endsWith('\n') ? before.slice(0, -1) : before + after;
  return { text: joined, memory };
}

/**
 * The text with our block before its line `at` (from 0; as many as there are lines: at the end). Where a `Host` or
 * `Match` block came before, `Match all` ends it, since an Include inside one would be for its hosts alone.
 */
export function withBlock(
  text: string,
  at: number,
  include: string,
  was: Pick<BlockMemory, 'made' | 'folder'>,
): string {
  const lines = linesOf(text);
  const above = lines.slice(0, at);
  const needsMatch = above.some((line) => ['host', 'match'].includes(parseConfigLine(line).keyword));
  const newline = at >= lines.length && text !== '' && !text.endsWith('\n');
  const memory = [...(newline ? ['newline'] : []), ...(was.made ? ['made'] : []), ...(was.folder ? ['folder'] : [])];
  const block = [
    `${BEGIN} (palmkey setup wrote this, palmkey setup --undo takes it out; what is for single hosts goes above it)`,
    ...(needsMatch ? ['Match all'] : []),
    `Include ${include}`,
    memory.length === 0 ? END : `${END} (${memory.join(', ')})`,
  ];
  return `${above.join('')}${newline ? '\n' : ''}${block.join('\n')}\n${lines.slice(at).join('')}`;
}
