/** Requests as a host makes them, around the logins of the vectors. */
import {
  type FileSignRequest,
  type GitSignRequest,
  parseRequestId,
  type PingRequest,
  type SshSignRequest,
} from '@palmkey/core/requests';
import { encodeSshsigData, parseUserauth } from '@palmkey/core/ssh';
import { fixedBytes } from '../keys.ts';
import { gitVectors, named, sshVectors } from '../vectors.ts';

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

const key = parseUserauth(named(sshVectors.userauth.valid, 'a P-256 key').data).key;
const texts = gitVectors.valid.filter(({ name }) =>
  /: (?:commit with a parent|merge with a mergetag|tag of a commit)$/.test(name),
);
const commits = texts.map(({ object }, i): GitSignRequest => ({
  kind: 'git-sign',
  id,
  ...times,
  key,
  object: { is: 'whole', bytes: object },
  repository: i === 0 ? { directory: '/home/me/work', remote: 'git@git.example.org:me/work' } : null,
  origin: { sure: 'none' },
}));
const parts: GitSignRequest = {
  kind: 'git-sign',
  id,
  ...times,
  key,
  object: { is: 'parts', size: 100_000, sha256: fixedBytes('text') },
  repository: null,
  origin: { sure: 'none' },
};
const digest = new Uint8Array(64).fill(5);
const file: FileSignRequest = {
  kind: 'file-sign',
  id,
  ...times,
  key,
  data: encodeSshsigData({ namespace: 'file', hash: 'sha512', digest }),
  origin: { sure: 'none' },
};

/** One that asks for nothing; logins with one hop, with two, and unbound; commits and a tag; a file. */
export const requestSamples = { ping, logins, commits: [...commits, parts], file } as const;
