/** Logins that are right in all but one thing, each a way to have a person approve something else than they see. */
import type { RefusalCode } from '@palmkey/core/requests';
import { MAX_BINDS, MAX_SESSION_ID_BYTES, type SessionBind, SshWriter } from '@palmkey/core/ssh';
import { encodeLogin, ForgedServer, sessionId } from './forged-login.ts';

export interface HostileLogin {
  readonly is: string;
  readonly binds: readonly SessionBind[];
  readonly data: Uint8Array;
  /** Why a phone refuses it, whatever host asks. */
  readonly phone: RefusalCode;
  /** Why the agent refuses its bind, if it does; it then remembers that. */
  readonly hostBind?: 'bad-bind' | 'malformed';
  /** Why the agent refuses to ask a phone about it. */
  readonly host: string;
}

/** The table; `key` is the blob of a user key that the phone has. */
export function hostileLogins(key: Uint8Array): readonly HostileLogin[] {
  const [a, b] = [new ForgedServer(), new ForgedServer()];
  const [id, other, far] = [sessionId(), sessionId(), sessionId()];
  const direct = [a.bind(id)];
  const right = { sessionId: id, key, hostKey: a.hostKey };
  const forwarded = [a.bind(id, true), b.bind(far)];
  const chain = Array.from({ length: MAX_BINDS + 1 }, (_, at) => a.bind(sessionId(), at < MAX_BINDS));
  const last = chain.at(-1)?.sessionId ?? id;
  const long = sessionId(MAX_SESSION_ID_BYTES + 1);
  const flipped = { ...a.bind(id), signature: a.bind(other).signature };
  const poisons = { phone: 'bad-bind', hostBind: 'bad-bind', host: 'poisoned' } as const;
  const unparsable = { phone: 'unparsable', host: 'unparsable' } as const;
  const data = encodeLogin(right);
  const farData = encodeLogin({ sessionId: far, key, hostKey: b.hostKey });
  const withFields = (change: Partial<Parameters<typeof encodeLogin>[0]>) => encodeLogin({ ...right, ...change });
  const sshsig = new SshWriter().text('git').text('').text('sha512').string(new Uint8Array(64)).done();
  return [
    { is: 'of another session than was bound', binds: [a.bind(other)], data, phone: 'bad-bind', host: 'session' },
    {
      is: 'bound with the host key of another server',
      binds: [{ ...b.bind(id), hostKey: a.hostKey }],
      data,
      ...poisons,
    },
    { is: 'bound with a signature over another session', binds: [flipped], data, ...poisons },
    { is: 'bound on after a final bind', binds: [a.bind(id), b.bind(far)], data: farData, ...poisons },
    {
      is: 'bound by one failed bind and one right one',
      binds: [{ ...flipped, forwarding: true }, b.bind(far)],
      data: farData,
      ...poisons,
    },
    {
      is: 'of a session that two servers bound',
      binds: [a.bind(id, true), b.bind(id)],
      data: encodeLogin({ ...right, hostKey: b.hostKey }),
      ...poisons,
    },
    {
      is: 'bound seventeen times',
      binds: chain,
      data: withFields({ sessionId: last }),
      ...poisons,
      phone: 'unparsable',
    },
    {
      is: 'of a session id of 129 bytes',
      binds: [a.bind(long)],
      data: withFields({ sessionId: long }),
      phone: 'unparsable',
      hostBind: 'malformed',
      host: 'poisoned',
    },
    { is: 'of a session id of no bytes', binds: [], data: withFields({ sessionId: new Uint8Array() }), ...unparsable },
    {
      is: 'naming another server than was bound',
      binds: direct,
      data: withFields({ hostKey: b.hostKey }),
      phone: 'bad-bind',
      host: 'server',
    },
    {
      is: 'naming no server beyond the first hop',
      binds: forwarded,
      data: encodeLogin({ sessionId: far, key, hostKey: null }),
      phone: 'bad-bind',
      host: 'method',
    },
    {
      is: 'made on a server that was only forwarded to',
      binds: [a.bind(id, true)],
      data,
      phone: 'bad-bind',
      host: 'forwarding-order',
    },
    {
      is: 'by an unknown method',
      binds: direct,
      data: withFields({ method: 'publickey-hostbound-v01@openssh.com' }),
      ...unparsable,
    },
    { is: 'by a password', binds: direct, data: withFields({ method: 'password' }), ...unparsable },
    { is: 'with bytes after its end', binds: direct, data: withFields({ trailing: Uint8Array.of(0) }), ...unparsable },
    { is: 'for another service', binds: direct, data: withFields({ service: 'ssh-userauth' }), ...unparsable },
    { is: 'that says it holds no signature', binds: direct, data: withFields({ hasSignature: 0 }), ...unparsable },
    { is: 'that is another message', binds: direct, data: withFields({ message: 51 }), ...unparsable },
    {
      is: 'with another algorithm than its key’s',
      binds: direct,
      data: withFields({ algorithm: 'rsa-sha2-512' }),
      ...unparsable,
    },
    {
      is: 'with another key inside',
      binds: direct,
      data: withFields({ key: b.hostKey }),
      phone: 'unparsable',
      host: 'other-key',
    },
    { is: 'without a user', binds: direct, data: withFields({ user: '' }), ...unparsable },
    {
      is: 'that is a git signature',
      binds: [],
      data: new SshWriter().raw(new TextEncoder().encode('SSHSIG')).raw(sshsig).done(),
      phone: 'unparsable',
      host: 'git-text-unseen',
    },
    { is: 'that ends too early', binds: direct, data: data.slice(0, -1), ...unparsable },
  ];
}

/** What an SSH signature of a file is over (OpenSSH `PROTOCOL.sshsig`), with one thing wrong. */
export function hostileFiles(): readonly { readonly is: string; readonly data: Uint8Array }[] {
  const sshsig = (
    namespace: string,
    change: { magic?: string; reserved?: string; hash?: string; digest?: number } = {},
  ) =>
    new SshWriter()
      .raw(new TextEncoder().encode(change.magic ?? 'SSHSIG'))
      .text(namespace)
      .text(change.reserved ?? '')
      .text(change.hash ?? 'sha512')
      .string(new Uint8Array(change.digest ?? 64))
      .done();
  const right = sshsig('file');
  return [
    { is: 'that is a commit, whose hash alone says nothing', data: sshsig('git') },
    {
      is: 'that is a login',
      data: encodeLogin({ sessionId: sessionId(), key: new ForgedServer().hostKey, hostKey: null }),
    },
    { is: 'without a namespace', data: sshsig('') },
    { is: 'with something reserved', data: sshsig('file', { reserved: 'x' }) },
    { is: 'by an unknown hash', data: sshsig('file', { hash: 'sha1', digest: 20 }) },
    { is: 'with a digest of another length', data: sshsig('file', { digest: 32 }) },
    { is: 'with bytes after its end', data: Uint8Array.from([...right, 0]) },
    { is: 'that ends too early', data: right.slice(0, -1) },
    { is: 'of another magic', data: sshsig('file', { magic: 'SSHSIH' }) },
  ];
}
