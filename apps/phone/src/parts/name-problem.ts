/** Why a text cannot be a device or key name (spec/pairing.md), in words, or null when it can. */
export function nameProblem(text: string): string | null {
  const length = Array.from(text.trim()).length;
  if (length === 0) return 'Give it a name.';
  if (length > 64) return `That is ${length} characters; 64 is the most.`;
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text)) return 'It contains an invisible character. Type it again.';
  return null;
}
