import { nkeys } from '@nats-io/transport-node';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RelayStartError } from '../errors.ts';
import { loggedError } from '../logged-error.ts';
import type { BusAccess } from '../options.ts';
import { TestAuthority, type CertificateFiles } from '../testing/certificates.ts';
import { natsCredentials } from '../testing/nats-operator.ts';
import { RealNats } from '../testing/real-nats.ts';
import { NatsLink } from './nats-link.ts';

const there = RealNats.isInstalled();
const pem = (path: string): string => readFileSync(path, 'utf8');

/** A logger as the relay has it, and all that it wrote. */
function recordedLog() {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  return { logger: pino({ serializers: { err: loggedError } }, stream), text: () => text };
}

/** Links, asks, and lets go again: `let in`, or why not, with all that it would log. */
async function tried(url: string, access: BusAccess = {}): Promise<{ outcome: string; said: string }> {
  const { logger, text } = recordedLog();
  try {
    await using link = await NatsLink.connect(url, logger, access);
    await link.connection.flush();
    return { outcome: 'let in', said: text() };
  } catch (error) {
    if (!(error instanceof RelayStartError)) throw error;
    logger.error({ err: error });
    return { outcome: error.code, said: text() };
  }
}

describe.runIf(there)('NatsLink over TLS', () => {
  let authority: TestAuthority;
  let other: TestAuthority;
  let own: CertificateFiles;
  let nats: RealNats;
  let strict: RealNats;
  const at = ({ port }: RealNats, host = 'localhost', scheme = 'tls') => `${scheme}://${host}:${port}`;

  beforeAll(async () => {
    [authority, other] = [new TestAuthority(), new TestAuthority()];
    own = authority.issue('DNS:relay.example.org');
    const { certificate, key } = authority.issue('DNS:localhost');
    const flags = ['--tlscert', certificate, '--tlskey', key];
    nats = await RealNats.start(['--tls', ...flags]);
    strict = await RealNats.start(['--tlsverify', ...flags, '--tlscacert', authority.path]);
  }, 30_000);
  afterAll(async () => {
    for (const one of [nats, strict]) await one[Symbol.asyncDispose]();
    for (const one of [authority, other]) one[Symbol.dispose]();
  });

  it('takes a server whose certificate is for its host and from the authority that was given', async () => {
    expect(await tried(at(nats), { ca: authority.pem })).toEqual({ outcome: 'let in', said: '' });
    expect((await tried(at(nats, 'localhost', 'nats'), { ca: authority.pem })).outcome).toBe('let in');
  });

  it('refuses another authority, another name, and an address that the certificate does not name', async () => {
    expect((await tried(at(nats), { ca: other.pem })).outcome).toBe('bus-tls');
    expect((await tried(at(nats))).outcome).toBe('bus-tls');
    expect((await tried(at(nats, '127.0.0.1'), { ca: authority.pem })).outcome).toBe('bus-tls');
    const named = await tried(`tls://127.0.0.1:${nats.port},localhost:${nats.port}`, { ca: authority.pem });
    expect(named.outcome).toBe('let in');
  });

  it('says nothing to a server without TLS where TLS is asked for', async () => {
    await using plain = await RealNats.start(['--user', 'relay', '--pass', 's3cret']);
    const cases: [string, BusAccess][] = [
      [`tls://relay:s3cret@127.0.0.1:${plain.port}`, {}],
      [`nats://relay:s3cret@127.0.0.1:${plain.port}`, { ca: authority.pem }],
      [`nats://relay:s3cret@127.0.0.1:${plain.port}`, { certificate: pem(own.certificate), key: pem(own.key) }],
    ];
    for (const [url, access] of cases) {
      const { outcome, said } = await tried(url, access);
      expect(outcome).toBe('bus-tls');
      expect(said).not.toContain('s3cret');
    }
  });

  it('shows its own certificate to a server that asks for one', async () => {
    const mine = { certificate: pem(own.certificate), key: pem(own.key) };
    expect((await tried(at(strict), { ca: authority.pem, ...mine })).outcome).toBe('let in');
  });
});

describe.runIf(there)('NatsLink with credentials', () => {
  it('is let in by user and password or a token, and tells neither where they are wrong', async () => {
    await using byUser = await RealNats.start(['--user', 'relay', '--pass', 'p@ss:s3cret']);
    await using byToken = await RealNats.start(['--auth', 't0ken']);
    const user = (password: string) => `nats://relay:${password}@127.0.0.1:${byUser.port}`;
    expect(await tried(user('p%40ss:s3cret'))).toEqual({ outcome: 'let in', said: '' });
    expect((await tried(`nats://t0ken@127.0.0.1:${byToken.port}`)).outcome).toBe('let in');
    for (const url of [user('wr0ng'), `nats://wr0ng@127.0.0.1:${byToken.port}`, byUser.url]) {
      const { outcome, said } = await tried(url);
      expect(outcome).toBe('bus-login');
      expect(said).toContain('NATS does not let this relay in');
      expect(said).not.toContain('wr0ng');
    }
  });

  it('is let in by an nkey and by a .creds file, and refuses what is neither before it dials', async () => {
    const [relay, stranger] = [nkeys.createUser(), nkeys.createUser()];
    const seed = (pair: typeof relay) => new TextDecoder().decode(pair.getSeed());
    await using byNkey = await configured(`authorization: { users: [ { nkey: ${relay.getPublicKey()} } ] }`);
    expect((await tried(byNkey.url, { credentials: `${seed(relay)}\n` })).outcome).toBe('let in');
    const refused = await tried(byNkey.url, { credentials: seed(stranger) });
    expect(refused.outcome).toBe('bus-login');
    expect(refused.said).not.toContain(seed(stranger));
    const { configuration, credentials } = natsCredentials();
    await using byJwt = await configured(configuration);
    expect((await tried(byJwt.url, { credentials })).outcome).toBe('let in');
    expect((await tried(byJwt.url, { credentials: natsCredentials().credentials })).outcome).toBe('bus-login');
    const slip = seed(relay).replace(/(?<=^.{20})./, (letter) => (letter === 'A' ? 'B' : 'A'));
    for (const bad of ['s3cret', seed(relay).slice(1), slip, credentials.slice(0, 300)]) {
      const { outcome, said } = await tried('nats://127.0.0.1:1', { credentials: bad });
      expect(outcome).toBe('bad-bus-credentials');
      expect(said).not.toContain(bad);
    }
    const both = await tried('nats://relay:word@127.0.0.1:1', { credentials: seed(relay) });
    expect(both.outcome).toBe('bad-bus-credentials');
  });

  it('is away and says why once its user is taken back, does not knock all the time, and returns when let in', async () => {
    const users = (...names: string[]) =>
      `authorization: { users: [ ${names.map((name) => `{ user: ${name}, password: s3cret }`).join(', ')} ] }`;
    await using nats = await configured(users('relay', 'other'));
    const { logger, text } = recordedLog();
    await using link = await NatsLink.connect(`nats://relay:s3cret@127.0.0.1:${nats.port}`, logger);
    let tries = 0;
    void (async () => {
      for await (const { type } of link.connection.status()) if (type === 'reconnecting') tries++;
    })();
    nats.configure(users('other'));
    await vi.waitFor(() => expect(text()).toContain('does not let this relay in any more'), { timeout: 15_000 });
    expect(link.connected).toBe(false);
    nats.configure(users('relay', 'other'));
    await vi.waitFor(() => expect(link.connected).toBe(true), { timeout: 15_000 });
    expect(tries).toBeLessThanOrEqual(4);
    expect(text().match(/does not let this relay in any more/g)).toHaveLength(1);
    expect(text()).not.toContain('s3cret');
  }, 40_000);

  it('says once that NATS forbids what it needs', async () => {
    await using nats = await configured(
      'authorization: { users: [ { user: relay, password: word, permissions: { subscribe: "nothing" } } ] }',
    );
    const { logger, text } = recordedLog();
    await using link = await NatsLink.connect(`nats://relay:word@127.0.0.1:${nats.port}`, logger);
    for (let i = 0; i < 3; i++) link.subscribe(`palmkey.stored.${randomBytes(16).toString('hex')}`, () => undefined);
    await vi.waitFor(() => expect(text()).toContain('forbids'), { timeout: 15_000 });
    await link.connection.flush();
    expect(text().match(/forbids/g)).toHaveLength(1);
    expect(text()).not.toMatch(/[0-9a-f]{24}/);
  });
});

/** A NATS with a configuration file of its own. */
async function configured(text: string): Promise<RealNats> {
  return await RealNats.start([], text);
}
