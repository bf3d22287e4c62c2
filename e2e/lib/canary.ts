/** Looking for planted words and for secrets in bytes, whatever an encoding made of them. */

/**
 * Every form in which `secret` could stand in bytes: raw, hexadecimal, base64 and base64url at each of the three
 * alignments; a word also in UTF-16.
 */
export function formsOf(secret: string | Uint8Array): Record<string, Buffer> {
  const raw = typeof secret === 'string' ? Buffer.from(secret, 'utf8') : Buffer.from(secret);
  const forms: Record<string, Buffer> = {
    raw,
    hex: Buffer.from(raw.toString('hex')),
    'upper-case hex': Buffer.from(raw.toString('hex').toUpperCase()),
  };
  if (typeof secret === 'string') {
    const utf16 = Buffer.from(secret, 'utf16le');
    Object.assign(forms, { 'utf-16le': utf16, 'utf-16be': Buffer.from(utf16).swap16() });
  }
  for (const offset of [0, 1, 2]) {
    forms[`base64 at ${offset}`] = Buffer.from(base64At(raw, offset));
    forms[`base64url at ${offset}`] = Buffer.from(base64At(raw, offset).replaceAll('+', '-').replaceAll('/', '_'));
  }
  return forms;
}

/** The forms in which `secret` stands in `bytes`; none is what one hopes for. */
export function findForms(secret: string | Uint8Array, bytes: Buffer): string[] {
  return Object.entries(formsOf(secret))
    .filter(([, form]) => bytes.includes(form))
    .map(([name]) => name);
}

/** The characters of base64 that depend on `raw` alone when `offset` unknown bytes stand before it. */
function base64At(raw: Buffer, offset: number): string {
  const text = Buffer.concat([Buffer.alloc(offset), raw])
    .toString('base64')
    .replace(/=+$/, '');
  const first = [0, 2, 3][offset] ?? 0;
  const last = text.length - ((offset + raw.length) % 3 === 0 ? 0 : 1);
  return text.slice(first, last);
}
