import { describe, expect, test } from 'vitest';
import { readHandshake } from './handshake.ts';

const sound = {
  method: 'GET',
  headers: {
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  },
};

describe('readHandshake', () => {
  test("the RFC's example is answered as there, and no extension is agreed to", () => {
    const headers = { ...sound.headers, 'sec-websocket-extensions': 'permessage-deflate', upgrade: 'WebSocket' };
    expect(readHandshake({ ...sound, headers })).toEqual({
      is: 'accepted',
      answer:
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n',
    });
  });

  test.each([
    ['another method', { ...sound, method: 'POST' }, 405],
    ['another upgrade', { ...sound, headers: { ...sound.headers, upgrade: 'h2c' } }, 400],
    ['another version', { ...sound, headers: { ...sound.headers, 'sec-websocket-version': '8' } }, 426],
    ['no key', { ...sound, headers: { ...sound.headers, 'sec-websocket-key': undefined } }, 400],
    ['a short key', { ...sound, headers: { ...sound.headers, 'sec-websocket-key': 'dGhlIHNhbXBsZQ==' } }, 400],
  ])('%s is refused', (_, request, status) => {
    expect(readHandshake(request)).toMatchObject({ is: 'refused', status: expect.stringMatching(`^${status} `) });
  });
});
