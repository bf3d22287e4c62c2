/** One line of an ssh_config(5) file, as far as setup has to understand it. */
export interface ConfigLine {
  /** In lower case; empty for a blank line or a comment. */
  readonly keyword: string;
  readonly args: readonly string[];
}

/** The lines of a text with their endings, so that joining them gives the text. */
export function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** Reads a line: `Keyword value…` or `Keyword=value…`, arguments in quotes, a comment from `#` on. Never throws. */
export function parseConfigLine(line: string): ConfigLine {
  const [, keyword = '', rest = ''] = /^[\s]*([^\s=#"]+)(?:[\s]*=[\s]*|[\s]+|$)([^]*)$/.exec(line) ?? [];
  return { keyword: keyword.toLowerCase(), args: keyword === '' ? [] : splitArguments(rest) };
}

/** As OpenSSH's `argv_split`: white space parts, quotes of either kind hold together, a backslash frees a quote. */
function splitArguments(text: string): string[] {
  const args: string[] = [];
  let current: string | null = null;
  let quote: string | null = null;
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    const next = text.charAt(i + 1);
    if (char === '\\' && next !== '' && ('\'"\\'.includes(next) || (next === ' ' && quote === null))) {
      current = (current ?? '') + next;
      i++;
    } else if (quote !== null) {
      if (char === quote) quote = null;
      else current = (current ?? '') + char;
    } else if (char === '"' || char === "'") {
      quote = char;
      current ??= '';
    } else if (/\s/.test(char)) {
      if (current !== null) args.push(current);
      current = null;
    } else if (char === '#' && current === null) {
      break;
    } else {
      current = (current ?? '') + char;
    }
  }
  if (current !== null) args.push(current);
  return args;
}

/** Whether a `Host` or `Match` line begins a block that is for every host; one for all but some is. */
export function isForAllHosts({ keyword, args }: ConfigLine): boolean {
  if (keyword === 'host') return args.includes('*');
  const [criterion = '', pattern, ...rest] = args.map((arg) => arg.toLowerCase());
  if (pattern === undefined) return criterion === 'all';
  return criterion === 'host' && pattern.split(',').includes('*') && rest.length === 0;
}
