/** Requests as a host makes them, around the logins of the vectors. */
import { parseRequestId, type PingRequest, type SshSignRequest } from '@palmkey/core/requests';
import { parseUserauth } from '@palmkey/core/ssh';
import { fixedBytes } from '../keys.ts';
import { named, sshVectors } from '../vectors.ts';

const id = parseRequestId(fixedBytes('request').slice(0, 16));
const times = { issued: 1_800_000_000_000, expires: 1_800_000_090_000 };
const ping: PingRequest = { kind: 'ping', id, ...times };

const chains = ['one hop, publickey', 'two hops', 'no binds, hostbound'].map((name) =>
  named(sshVectors.chains.valid, name),
);

const logins = chains.map(({ data, binds }, i): SshSignRequest => ({
  kind: 'ssh-sign',
  id,
  ...times,
  key: parseUserauth(data).key,
  data,
  binds,
  host: i === 0 ? { name: 'prod.example.org', port: 22 } : null,
  origin: i === 0 ? { sure: 'claimed', programs: ['zsh', 'ssh'], terminal: '/dev/pts/3' } : { sure: 'none' },
}));

/** One that asks for nothing, and logins with one hop, with two, and unbound. */
export const requestSamples = { ping, logins } as const;
