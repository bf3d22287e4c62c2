import { concat } from '@palmkey/envelope';

/** What is used of a response's body: `ReadableStream` in a browser as in Node. */
export interface ByteStream {
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
    cancel(): Promise<void>;
  };
}

/** More came than was allowed, or it is not what it should be. */
export class BodyError extends Error {
  override readonly name = 'BodyError';
  readonly tooLong: boolean;

  constructor(tooLong: boolean, cause?: unknown) {
    super(tooLong ? 'a body that is too long' : 'a body that is no JSON', { cause });
    this.tooLong = tooLong;
  }
}

/** Reads at most `maxBytes` bytes, and no further than that; throws {@link BodyError}. */
export async function readBoundedBytes(body: ByteStream | null, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = body?.getReader();
  for (let next = await reader?.read(); next !== undefined && !next.done; next = await reader?.read()) {
    const chunk = next.value ?? new Uint8Array();
    length += chunk.length;
    if (length > maxBytes) {
      // What a hostile server sends beyond this is not even received.
      await reader?.cancel().catch(() => undefined);
      throw new BodyError(true);
    }
    chunks.push(chunk);
  }
  return concat(...chunks);
}

/** Reads JSON of at most `maxBytes` bytes of UTF-8; throws {@link BodyError}. */
export async function readBoundedJson(body: ByteStream | null, maxBytes: number): Promise<unknown> {
  const bytes = await readBoundedBytes(body, maxBytes);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new BodyError(false, cause);
  }
}
