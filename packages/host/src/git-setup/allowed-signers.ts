/**
 * The file of signers that git and ssh-keygen verify with (ssh-keygen(1), ALLOWED SIGNERS): our own, or a block of ours in
 * the person's. What was added is never taken out as long as it is set up: old commits are to verify too.
 */
const begin = '# palmkey: begin (palmkey git setup keeps these lines, palmkey git setup --undo takes them out)';
const beginMark = '# palmkey: begin';
const endMark = '# palmkey: end';
/** Said at the end of the block where the text before it did not end its last line. */
const openLine = ' (newline)';

export interface Signer {
  readonly email: string;
  /** Key type and base64. */
  readonly key: string;
}

/** Whether ssh-keygen takes an address for itself and not for a pattern, a quotation or a comment. */
export function isPlainEmail(email: string): boolean {
  return /^[^\s"'\\,*?!#]+$/.test(email);
}

function signerLine({ email, key }: Signer): string {
  return `${email} namespaces="git" ${key}`;
}

/** The text with those signers in our block that are not in it yet. Null when its markers are not there once each. */
export function withSigners(
  text: string,
  signers: readonly Signer[],
): { readonly text: string; readonly added: readonly string[] } | null {
  const parts = cut(text);
  if (parts === null) return null;
  const added = [...new Set(signers.map(signerLine))].filter((line) => !parts.lines.includes(line));
  if (added.length === 0) return { text, added };
  const { before, lines, after } = parts;
  const isOpen = parts.isOpen || (before !== '' && !before.endsWith('\n'));
  const gap = before !== '' && !before.endsWith('\n') ? '\n' : '';
  const end = isOpen ? endMark + openLine : endMark;
  return { text: `${before}${gap}${[begin, ...lines, ...added, end].join('\n')}\n${after}`, added };
}

/** The text as it was without our block. Null when its markers are not there once each. */
export function withoutSigners(text: string): string | null {
  const parts = cut(text);
  if (parts === null) return null;
  const { before, after, isOpen } = parts;
  return isOpen && after === '' && before.endsWith('\n') ? before.slice(0, -1) : before + after;
}

function cut(text: string) {
  const lines = text.split(/(?<=\n)/);
  const begins = lines.flatMap((line, i) => (line.startsWith(beginMark) ? [i] : []));
  const ends = lines.flatMap((line, i) => (line.startsWith(endMark) ? [i] : []));
  const [from, to] = [begins[0], ends[0]];
  if (from === undefined && to === undefined) return { before: text, lines: [], after: '', isOpen: false };
  if (from === undefined || to === undefined || to < from || begins.length + ends.length > 2) return null;
  return {
    before: lines.slice(0, from).join(''),
    lines: lines.slice(from + 1, to).map((line) => line.trimEnd()),
    after: lines.slice(to + 1).join(''),
    isOpen: (lines[to] ?? '').includes(openLine),
  };
}
