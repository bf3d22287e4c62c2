/** Looking for planted words in bytes, whatever an encoding made of them. */

/** Every form in which `word` could stand in bytes: raw, hexadecimal, base64 at each of the three alignments, UTF-16. */
export function formsOf(word: string): Record<string, Buffer> {
  const raw = Buffer.from(word, 'utf8');
  const utf16 = Buffer.from(word, 'utf16le');
  const forms: Record<string, Buffer> = {
    raw,
    hex: Buffer.from(raw.toString('hex')),
    'upper-case hex': Buffer.from(raw.toString('hex').toUpperCase()),
    'utf-16le': utf16,
    'utf-16be': Buffer.from(utf16).swap16(),
  };
  for (const offset of [0, 1, 2]) {
    forms[`base64 at ${offset}`] = Buffer.from(base64At(raw, offset));
    forms[`base64url at ${offset}`] = Buffer.from(base64At(raw, offset).replaceAll('+', '-').replaceAll('/', '_'));
  }
  return forms;
}

/** The forms in which `word` stands in `bytes`; none is what one hopes for. */
export function findForms(word: string, bytes: Buffer): string[] {
  return Object.entries(formsOf(word))
    .filter(([, form]) => bytes.includes(form))
    .map(([name]) => name);
}

/** The characters of base64 that depend on `word` alone when `offset` unknown bytes stand before it. */
function base64At(raw: Buffer, offset: number): string {
  const text = Buffer.concat([Buffer.alloc(offset), raw])
    .toString('base64')
    .replace(/=+$/, '');
  const first = [0, 2, 3][offset] ?? 0;
  const last = text.length - ((offset + raw.length) % 3 === 0 ? 0 : 1);
  return text.slice(first, last);
}
