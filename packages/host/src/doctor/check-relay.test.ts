import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer as createHttp, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type Relay, startRelay } from '@palmkey/relay';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { tempFolder } from '../testing/temp-folder.ts';
import { checkRelay } from './check-relay.ts';

const codes = async (
  url: string,
  options: { now?: () => number; line?: Parameters<typeof checkRelay>[0]['line'] } = {},
) => (await checkRelay({ url, line: options.line ?? null, now: options.now ?? Date.now })).map(({ code }) => code);

describe('a relay', () => {
  let relay: Relay;
  beforeAll(async () => {
    const logger = pino({ level: 'silent' });
    relay = await startRelay({
      host: '127.0.0.1',
      port: 0,
      origins: [],
      admission: 'open',
      store: ':memory:',
      logger,
    });
  });
  afterAll(() => relay.close());

  test.each([
    [0, 'clock-fine'],
    [50_000, 'clock-fine'],
    [70_000, 'clock-off'],
    [-70_000, 'clock-off'],
    [14 * 60_000, 'clock-off'],
    [16 * 60_000, 'clock-wrong'],
    [-16 * 60_000, 'clock-wrong'],
  ])('that is there, by a clock that is %i ms off: %s', async (off, clock) => {
    expect(await codes(relay.url, { now: () => Date.now() + off })).toEqual(['relay-fine', clock]);
  });

  test.each([
    ['refused', 'not-admitted', 'relay-refuses'],
    ['waiting', 'draining', 'relay-not-connected'],
    ['connected', null, 'relay-fine'],
  ] as const)('with a daemon whose line is %s', async (state, problem, code) => {
    const line = { url: relay.url, state, problem, lastContactAt: null };
    expect(await codes(relay.url, { line })).toEqual([code, 'clock-fine']);
  });
});

describe('what is no relay', () => {
  let server: Server | undefined;
  let folder: ReturnType<typeof tempFolder> | undefined;
  afterEach(async () => {
    server?.closeAllConnections();
    await new Promise((resolve) => (server === undefined ? resolve(0) : server.close(resolve)));
    server = undefined;
    folder?.[Symbol.dispose]();
  });

  async function listen(made: Server, scheme: string): Promise<string> {
    server = made;
    await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
    const address = made.address();
    return `${scheme}://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  }

  test('nobody there', async () => expect(await codes('http://127.0.0.1:9')).toEqual(['relay-unreachable']));
  test('a name that nobody has', async () =>
    expect(await codes('http://relay.invalid')).toEqual(['relay-unreachable']));

  test('a page', async () => {
    const url = await listen(
      createHttp((_, response) => response.end('<html>')),
      'http',
    );
    expect(await codes(url)).toEqual(['relay-not-a-relay']);
  });

  test('a page that leads elsewhere', async () => {
    const url = await listen(
      createHttp((_, response) => response.writeHead(302, { location: 'https://a.example' }).end()),
      'http',
    );
    expect(await codes(url)).toEqual(['relay-unreachable']);
  });

  test('a certificate that nobody vouches for', async () => {
    folder = tempFolder();
    const [key, cert] = [folder.at('key'), folder.at('cert')];
    const subject = ['-subj', '/CN=relay.example', '-days', '1'];
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'ed25519', '-nodes', '-keyout', key, '-out', cert, ...subject],
      { stdio: 'ignore' },
    );
    const url = await listen(
      createHttps({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) => response.end('{}')),
      'https',
    );
    expect(await codes(url)).toEqual(['relay-certificate']);
  });
});
