import { fromHex, toHex } from '@palmkey/envelope';
import { describe, expect, it } from 'vitest';
import { readPage } from '../../../../vectors/page.ts';
import { encodeContent, parseContent } from '../messages/index.ts';
import { platformSha256 } from '../testing/platform-sha256.ts';
import { encodeRequest, parseRequest, requestHash } from './request.ts';

interface Page {
  requests: { name: string; value: unknown; bytes: string; hash: string }[];
  invalidRequests: { name: string; bytes: string; code: string }[];
  contents: { value: unknown; bytes: string }[];
  invalidContents: { name: string; bytes: string; code: string }[];
}
const page = readPage('requests') as Page;
/** As the page is written: bytes in hexadecimal. */
const hexed = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, each: unknown) => (each instanceof Uint8Array ? toHex(each) : each)));

describe('vectors/requests.json', () => {
  it.each(page.requests)('reads $name', async ({ value, bytes, hash }) => {
    const request = parseRequest(fromHex(bytes));
    expect(hexed(request)).toEqual(value);
    expect(toHex(encodeRequest(request))).toBe(bytes);
    expect(toHex(requestHash(fromHex(bytes)))).toBe(hash);
    expect(toHex(await platformSha256('palmkey/request/1', fromHex(bytes)))).toBe(hash);
  });

  it.each(page.invalidRequests)('refuses a request with $name', ({ bytes, code }) => {
    expect(() => parseRequest(fromHex(bytes))).toThrow(expect.objectContaining({ code }));
  });

  it.each(page.contents)('reads the content $value.kind', ({ value, bytes }) => {
    const content = parseContent(fromHex(bytes));
    expect(hexed(content)).toEqual(value);
    expect(toHex(encodeContent(content))).toBe(bytes);
  });

  it.each(page.contents)('refuses every truncation of the content $value.kind', ({ bytes }) => {
    const whole = fromHex(bytes);
    for (let length = 0; length < whole.length; length++) {
      expect(() => parseContent(whole.subarray(0, length))).toThrow(expect.objectContaining({ code: 'bad-format' }));
    }
  });

  it.each(page.invalidContents)('refuses a content with $name', ({ bytes, code }) => {
    expect(() => parseContent(fromHex(bytes))).toThrow(expect.objectContaining({ code }));
  });
});
