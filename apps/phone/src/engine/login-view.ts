import { authorizedKeysLine, parsePublicKey, toBase64 } from '@palmkey/core/ssh';
import { toHex } from '@palmkey/envelope';
import type { CheckedLogin } from '../keyring/checked-login.ts';
import type { UserKey } from '../keyring/user-key.ts';
import type { HostKeyState, LoginView } from '../model/model.ts';
import type { Pins } from './pins.ts';
import { hopsOf, hostKeyState } from './pins.ts';

/** What a login's screen is made from. */
export interface LoginViewParts {
  readonly login: CheckedLogin;
  readonly key: UserKey;
  readonly computer: LoginView['computer'];
  readonly pins: Pins;
  readonly receivedAt: number;
  readonly endsAt: number;
}

/** The screen of a login: only what was parsed from the bytes that would be signed, and what the computer claims. */
export function loginView({ login, key, computer, pins, receivedAt, endsAt }: LoginViewParts): LoginView {
  const { origin, host } = login.request;
  const hostKey = hostKeyState(login, computer.id, pins);
  const programs = origin.sure === 'claimed' ? origin.programs : [];
  const hops = hopsOf(login);
  return {
    kind: 'login',
    hash: toHex(login.hash),
    computer,
    programs,
    terminal: origin.sure === 'claimed' ? origin.terminal : null,
    directory: origin.sure === 'claimed' ? (origin.directory ?? null) : null,
    user: login.userauth.user,
    host,
    hostKey,
    certificate: null,
    hops: hops.map((fingerprint) => ({ fingerprint, name: null })),
    key: { name: key.name, fingerprint: key.fingerprint, type: login.userauth.algorithm, here: true },
    canPass: false,
    offers: [],
    fields: fieldsOf(login),
    unusual: unusualIn(host, hostKey, hops, programs),
    receivedAt,
    endsAt,
  };
}

function unusualIn(
  host: LoginView['host'],
  hostKey: HostKeyState,
  hops: readonly string[],
  programs: readonly string[],
): LoginView['unusual'] {
  const unusual: LoginView['unusual'][number][] = [];
  if (hostKey.is === 'new') unusual.push('new-host');
  if (hostKey.is === 'new' && hostKey.knownAs.some(({ name, port }) => name !== host?.name || port !== host.port))
    unusual.push('other-name');
  if (hostKey.is === 'unnamed') unusual.push('unnamed-host');
  if (hostKey.is === 'unbound') unusual.push('unbound');
  if (hops.length > 0) unusual.push('forwarded');
  if (programs.length === 0) unusual.push('unknown-program');
  return unusual;
}

/** Every field of the signed data (RFC 4252 §7, OpenSSH `PROTOCOL` §3.1), in its order. */
function fieldsOf({ userauth }: CheckedLogin): LoginView['fields'] {
  const method = userauth.method === 'hostbound' ? 'publickey-hostbound-v00@openssh.com' : 'publickey';
  const fields = [
    { label: 'Session id', value: toHex(userauth.sessionId) },
    { label: 'Message', value: '50' },
    { label: 'User', value: userauth.user },
    { label: 'Service', value: 'ssh-connection' },
    { label: 'Method', value: method },
    { label: 'Signature follows', value: '1' },
    { label: 'Algorithm', value: userauth.algorithm },
    { label: 'Public key', value: authorizedKeysLine(userauth.key, '') },
  ];
  const { hostKey } = userauth;
  if (hostKey === null) return fields;
  return [...fields, { label: 'Server host key', value: `${parsePublicKey(hostKey).algorithm} ${toBase64(hostKey)}` }];
}
