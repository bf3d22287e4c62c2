/** Vectors as they are written, bytes in hexadecimal, and as the readers take and give them. */
/** The bytes of hexadecimal. */
export const bytes = (hex) => new Uint8Array(Buffer.from(hex, 'hex'));
/** Bytes in hexadecimal. */
export const hex = (value) => Buffer.from(value).toString('hex');
/** As a page writes it: bytes in hexadecimal, and nothing that is not there. */
export function written(value) {
  if (value instanceof Uint8Array) return hex(value);
  if (Array.isArray(value)) return value.map(written);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(entries.map(([key, each]) => [key, written(each)]));
}
/** An object but for some of its keys. */
export const without = (value, ...keys) =>
  Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));
/** What a reader gives, or null where it throws. */
export const attempt = (read) => {
  try {
    return read();
  } catch {
    return null;
  }
};
