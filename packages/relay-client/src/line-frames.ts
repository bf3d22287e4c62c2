import { concat, HEADER_BYTES, MAX_BODY_BYTES } from '@palmkey/envelope';

/** The longest body that is posted on a line. */
const MAX_POSTED_BYTES = 256 * 1024;

/** Takes as many frames from the front of `frames` as one post holds; the body, `u32 length ‖ frame` each. */
export function takeBody(frames: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for (let frame = frames[0]; frame !== undefined; frame = frames[0]) {
    bytes += 4 + frame.length;
    if (bytes > MAX_POSTED_BYTES) break;
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, frame.length);
    parts.push(length, frame);
    frames.shift();
  }
  return concat(...parts);
}

/** The frames of a fetched body, or undefined where it is not made of frames. */
export function framesOf(body: Uint8Array): Uint8Array[] | undefined {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const frames: Uint8Array[] = [];
  for (let at = 0; at < body.length;) {
    const length = at + 4 <= body.length ? view.getUint32(at) : 0;
    const isFrame = length >= HEADER_BYTES && length <= HEADER_BYTES + MAX_BODY_BYTES;
    if (!isFrame || at + 4 + length > body.length) return undefined;
    frames.push(body.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return frames;
}
