import { authorizedKeysLine, parsePublicKey, toBase64 } from '@palmkey/core/ssh';
import { toHex } from '@palmkey/envelope';
import type { CheckedLogin } from '../../keyring/checked-login.ts';
import type {
  CertificateView,
  HopView,
  HostKeyState,
  LoginView,
  RequestBase,
  Unusual,
} from '../../model/request-view.ts';
import type { Pins } from '../pins.ts';
import { hopsOf, hostKeyState, knownName } from '../pins.ts';

/** The screen of a login: only what was parsed from the bytes that would be signed, and what the computer claims. */
export function loginView(
  base: RequestBase,
  login: CheckedLogin,
  certificate: CertificateView | null,
  pins: Pins,
): LoginView {
  const { host } = login.request;
  const hostKey = hostKeyState(login, base.computer.id, pins);
  const hops: readonly HopView[] = hopsOf(login).map((key) => knownName(key, base.computer.id, pins));
  return {
    ...base,
    kind: 'login',
    user: login.userauth.user,
    host,
    hostKey,
    certificate,
    hops,
    fields: fieldsOf(login),
    unusual: [...unusualIn(host, hostKey, hops, certificate), ...base.unusual],
  };
}

function unusualIn(
  host: LoginView['host'],
  hostKey: HostKeyState,
  hops: readonly HopView[],
  certificate: CertificateView | null,
): readonly Unusual[] {
  const unusual: Unusual[] = [];
  if (hostKey.is === 'new') unusual.push('new-host');
  if (hostKey.is === 'new' && hostKey.knownAs.some(({ name, port }) => name !== host?.name || port !== host.port))
    unusual.push('other-name');
  if (hostKey.is === 'unnamed') unusual.push('unnamed-host');
  if (hostKey.is === 'unbound') unusual.push('unbound');
  if (hops.length > 0) unusual.push('forwarded');
  if (certificate !== null && certificate.state !== 'valid') unusual.push('bad-certificate');
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
