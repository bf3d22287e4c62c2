import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { PhoneFact } from '../control/protocol.ts';
import { checkPhonePush, checkRelayPush } from './check-push.ts';

describe('checkRelayPush', () => {
  let server: Server | undefined;
  afterEach(() => new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve()))));

  async function answering(status: number, body: string): Promise<string> {
    server = createServer((request, response) => {
      response.writeHead(request.url === '/v1/relay' ? status : 500, { connection: 'close' }).end(body);
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  test.each([
    ['with a key', 200, '{"protocol":2,"push":{"key":"BA"}}', ['push-fine']],
    ['without a key', 200, '{"protocol":2,"push":null}', ['push-none']],
    ['that does not know the question', 404, '{"error":"not-found"}', ['push-none']],
    ['that is none', 200, '<html>', []],
    ['that says something else', 200, '{"push":"yes"}', []],
  ])('a relay %s', async (_, status, body, expected) => {
    const url = await answering(status, body);
    expect((await checkRelayPush(url)).map(({ code }) => code)).toEqual(expected);
  });

  test('a relay that is not there', async () => {
    expect(await checkRelayPush('http://127.0.0.1:9')).toEqual([]);
  });
});

test.each([
  ['handed', 'push-handed', 'ok'],
  ['no-registration', 'push-not-set-up', 'warning'],
  ['refused', 'push-refused', 'warning'],
  ['unreachable', 'push-unreachable', 'warning'],
] as const)('checkPhonePush: a phone whose last push was %s', (woken, code, verdict) => {
  const phone = { name: 'Pixel', push: { woken, at: 7 } } as PhoneFact;
  const detail = { name: 'Pixel', at: 7 };
  expect(checkPhonePush([phone, { ...phone, push: null }])).toEqual([{ link: 'push', code, verdict, detail }]);
});
