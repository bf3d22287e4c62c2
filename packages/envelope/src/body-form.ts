import { FrameError } from './frame.ts';

/** Throws {@link FrameError} for a body that has not exactly `length` bytes. */
export function expectLength(body: Uint8Array, length: number): void {
  if (body.length !== length) throw new FrameError('bad-frame', `a body of ${body.length} bytes, not ${length}`);
}

/** Printable ASCII without spaces, at least one character and at most `maxBytes`. */
export function isPrintable(bytes: Uint8Array, maxBytes: number): boolean {
  return bytes.length > 0 && bytes.length <= maxBytes && bytes.every((byte) => byte > 0x20 && byte < 0x7f);
}
