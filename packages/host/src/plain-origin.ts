/** What a request says of who asks: programs may call themselves anything, so what it may not carry is made plain first. */
import { toPlainText } from '@palmkey/core/devices';
import type { RequestOrigin } from '@palmkey/core/requests';
import type { Claim } from './claims/claim.ts';

/** The innermost programs of a chain, as many as a request carries. */
const maxPrograms = 32;
/** The longest texts of a request, in characters (spec/requests.md). */
const maxText = 256;
const maxPath = 1024;

export function plainOrigin(
  claim: (Pick<Claim, 'programs' | 'terminal'> & { readonly directory?: string | null }) | null,
): RequestOrigin {
  if (claim === null) return { sure: 'none' };
  const { directory } = claim;
  return {
    sure: 'claimed',
    programs: claim.programs.slice(-maxPrograms).map((program) => plain(program, maxText)),
    terminal: claim.terminal === null ? null : plain(claim.terminal, maxText),
    directory: directory == null ? null : plain(directory, maxPath),
  };
}

/** The text as a request may carry it. Nothing is no text. */
export function plain(text: string, maxCharacters: number): string {
  return text === '' ? '\uFFFD' : toPlainText(text, maxCharacters);
}

/** The same for a path. */
export function plainPath(text: string): string {
  return plain(text, maxPath);
}
