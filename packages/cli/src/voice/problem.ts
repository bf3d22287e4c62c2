import type { Detail } from '../cli-error.ts';
import { sayFor } from './problems/all.ts';
import type { Words } from './problems/words.ts';
import type { Paint } from './paint.ts';
import { visible } from './visible.ts';

/** The words for whatever was thrown. A fault without a code is our own: it keeps its message and exits 1. */
export function wordsFor(error: unknown, me: string): Words {
  const code = codeOf(error);
  const words = code === undefined ? undefined : sayFor(code)?.(detailOf(error), me);
  return words ?? unforeseen(error, code);
}

/** Two lines: `palmkey: what happened`, and below it, set in, what to do. */
export function problemLines(words: Pick<Words, 'problem' | 'todo'>, paint: Paint): string[] {
  return [`${paint.bad('palmkey:')} ${words.problem}`, `  ${paint.quiet(words.todo)}`];
}

/** The stable code of an error, ours or the system's. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** The facts that an error carries: its `detail`, and texts and numbers that stand on it. */
function detailOf(error: unknown): Detail {
  if (!(error instanceof Error)) return {};
  const facts: Record<string, string | number | null> = {};
  const take = (source: object) => {
    for (const [name, value] of Object.entries<unknown>({ ...source })) {
      if (typeof value === 'string' || typeof value === 'number' || value === null) facts[name] = value;
    }
  };
  take(error);
  if ('detail' in error && typeof error.detail === 'object' && error.detail !== null) take(error.detail);
  return facts;
}

function unforeseen(error: unknown, code: string | undefined): Words {
  const message = error instanceof Error ? error.message : String(error);
  return {
    problem: `something failed that should not: ${visible(message)}${code === undefined ? '' : ` (${code})`}`,
    todo: 'PALMKEY_DEBUG=1 before the same command shows where',
    exit: 'failed',
  };
}
