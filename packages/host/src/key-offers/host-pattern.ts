/** Patterns of host names as ssh_config(5) has them: `*.corp`, `db-?`, `!build.corp`; case makes no difference. */

const MAX_PATTERN_CHARACTERS = 255;

/** Whether a text can be a pattern: 1 to 255 characters without white space, control characters, commas, quotes and brackets. */
export function isHostPattern(text: string): boolean {
  return /^!?[^\s\p{C},"'`!()[\]{}<>|&;$\\]+$/u.test(text) && text.length <= MAX_PATTERN_CHARACTERS;
}

/** Whether patterns can match anything: one of them at least is not a `!`. */
export function hasPositive(patterns: readonly string[]): boolean {
  return patterns.some((pattern) => !pattern.startsWith('!'));
}

/** Whether a name matches one of the patterns and none of those with a `!` before. */
export function matchesHost(patterns: readonly string[], name: string): boolean {
  const host = name.toLowerCase();
  const hit = (pattern: string) => matches(pattern.toLowerCase(), host);
  if (patterns.some((pattern) => pattern.startsWith('!') && hit(pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith('!') && hit(pattern));
}

/** Goes back to the last star alone, so that no pattern takes long. */
function matches(pattern: string, text: string): boolean {
  let [p, t] = [0, 0];
  let star = -1;
  let after = 0;
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p++;
      after = t;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++after;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
