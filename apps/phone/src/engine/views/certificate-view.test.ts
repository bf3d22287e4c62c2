import { encodeRequest } from '@palmkey/core/requests';
import { SshWriter, webHostKeyVerifier } from '@palmkey/core/ssh';
import { expect, test } from 'vitest';
import { CheckedLogin } from '../../keyring/checked-login.ts';
import { FakeServer, loginRequest } from '../testing/login-request.ts';
import { certificateView } from './certificate-view.ts';

const NOW = 1_700_000_000_000;
const NO_END = 2n ** 64n - 1n;

interface Fields {
  readonly names?: readonly string[];
  readonly from?: bigint;
  readonly until?: bigint;
  readonly spoil?: boolean;
  readonly host?: string | null;
}

async function viewOf({
  names = ['prod.example.org'],
  from = 0n,
  until = NO_END,
  spoil = false,
  host = 'prod.example.org',
}: Fields) {
  const [server, authority] = [await FakeServer.create(), await FakeServer.create()];
  const principals = new SshWriter();
  for (const name of names) principals.text(name);
  const body = new SshWriter()
    .name('ssh-ed25519-cert-v01@openssh.com')
    .string(new Uint8Array(32))
    .string(server.blob.slice(-32))
    .uint64(7n)
    .uint32(2)
    .text('prod key')
    .string(principals.done())
    .uint64(from)
    .uint64(until)
    .string(new Uint8Array())
    .string(new Uint8Array())
    .string(new Uint8Array())
    .string(authority.blob)
    .done();
  const signature = await authority.sign(spoil ? body.slice(1) : body);
  const blob = new SshWriter().raw(body).string(signature).done();
  const claimed = host === null ? null : { name: host, port: 22 };
  const options = { key: (await FakeServer.create()).blob, now: NOW, host: claimed };
  const request = await loginRequest({ ...options, servers: [server.showing(blob)] });
  const login = await CheckedLogin.check(encodeRequest(request), webHostKeyVerifier);
  return certificateView(login, webHostKeyVerifier, NOW);
}

test('a certificate that holds is valid, and its limits are told', async () => {
  const until = 1_800_000_000n;
  expect(await viewOf({ from: 1n, until })).toMatchObject({
    keyId: 'prod key', principals: ['prod.example.org'], validFrom: 1000, validUntil: 1_800_000_000_000, state: 'valid',
  }); // prettier-ignore
  expect(await viewOf({})).toMatchObject({ validFrom: null, validUntil: null, state: 'valid' });
  expect((await viewOf({}))?.caFingerprint).toMatch(/^SHA256:/);
});

test.each([
  ['without names', { names: [] }, 'valid'],
  ['with a star', { names: ['*.example.org'] }, 'valid'],
  ['in capitals', { names: ['PROD.example.org'] }, 'valid'],
  ['with a question mark', { names: ['p?od.*.org', 'x'] }, 'valid'],
  ['for others', { names: ['*.example.com', 'prod'] }, 'other-name'],
  ['of a server that nobody named', { host: null }, 'other-name'],
  ['that is over', { until: 1_600_000_000n }, 'out-of-time'],
  ['that has not begun', { from: 1_800_000_000n }, 'out-of-time'],
  ['that its authority did not sign', { spoil: true }, 'bad-signature'],
] satisfies [string, Fields, string][])('one %s', async (_, fields, state) => {
  expect((await viewOf(fields))?.state).toBe(state);
});

test('a plain key has none', async () => {
  const request = await loginRequest({
    key: (await FakeServer.create()).blob,
    now: NOW,
    servers: [await FakeServer.create()],
  });
  const login = await CheckedLogin.check(encodeRequest(request), webHostKeyVerifier);
  expect(await certificateView(login, webHostKeyVerifier, NOW)).toBeNull();
});
