/** Made-up requests for the gallery and the tests; never part of the app. */
import type { FileView, GitObjectView, GitPersonView, GitView, LoginView, RequestBase } from './request-view.ts';

export const pinnedPrint = 'SHA256:Q1rT6yUiOpAsDfGhJkLzXcVbNm4W3eR2tY7uI8oP0aS';
export const otherPrint = 'SHA256:mZx8CvB7nLkJ6hGfD5sApOiUy4T3rEwQ2zXcVbN1mKj';
export const workKey = {
  name: 'Work',
  fingerprint: 'SHA256:9cVbXq0R2mJ5sYh1tKpLwD7uEaN3fGzQiB8oM6xT4Hk',
  type: 'ssh-ed25519',
  here: true,
} as const;

const head = '7f1c9a02e4b85d6633aa90ff1204c7be518e6d0b';
const parent = 'c41d09b7e2f36a8850d1bb24e97f3c6a10d582e9';
const tree = '1e80b6f5a92c3d47f1c9a02e4b85d6633aa90ff1';

function base(now: number): RequestBase {
  return {
    hash: 'c0ffee01',
    computer: { id: '1a', name: 'laptop' },
    programs: ['zsh', 'ssh'],
    terminal: 'ttys003',
    directory: '~/src/shop',
    key: workKey,
    fields: [],
    unusual: [],
    canPass: false,
    offers: [],
    receivedAt: now - 6000,
    endsAt: now + 24_400,
  };
}

/** A routine login, with whatever a screen needs to differ. */
export function fixtureLogin(changes: Partial<LoginView> = {}, now = Date.now()): LoginView {
  return {
    ...base(now),
    kind: 'login',
    user: 'deploy',
    host: { name: 'prod-3.example.org', port: 22 },
    hostKey: { is: 'pinned', fingerprint: pinnedPrint, pinnedAt: new Date(2026, 2, 12).getTime() },
    certificate: null,
    hops: [],
    canPass: true,
    offers: [
      { scope: 'server', forwarded: false },
      { scope: 'computer', forwarded: false },
    ],
    fields: [
      { label: 'Session id', value: '7f1c9a02e4b85d6633aa90ff1204c7be518e6d0b2f94c3a7d1e80b6f5a92c3d4' },
      { label: 'Message', value: '50 (user authentication request)' },
      { label: 'User', value: 'deploy' },
      { label: 'Service', value: 'ssh-connection' },
      { label: 'Method', value: 'publickey-hostbound-v00@openssh.com' },
      { label: 'Algorithm', value: 'ssh-ed25519' },
      { label: 'Key', value: workKey.fingerprint },
      { label: 'Server host key', value: pinnedPrint },
    ],
    ...changes,
  };
}

export const fixturePerson: GitPersonView = {
  name: 'Ada Example',
  email: 'ada@example.org',
  at: Date.UTC(2026, 2, 12, 13, 5),
  zone: '+0100',
};

const subject = 'Keep the order of the queue when a worker restarts';
const body = `
A worker that came back took the newest job first, so that jobs which had
waited longest waited longer still. The queue now hands out by age, also
after a restart.

- jobs carry the time at which they were put in
- a worker says which job it held when it went away
- the test restarts a worker in the middle of a job

Closes: #412
`;

export const fixtureCommit: Extract<GitObjectView, { is: 'commit' }> = {
  is: 'commit',
  tree,
  parents: [parent],
  author: fixturePerson,
  committer: fixturePerson,
  headers: [],
  subject,
  message: `${subject}\n${body}`,
};

/** A commit that waits for a signature, with whatever a screen needs to differ. */
export function fixtureGit(changes: Partial<GitView> = {}, now = Date.now()): GitView {
  return {
    ...base(now),
    kind: 'git',
    programs: ['zsh', 'git'],
    repository: { directory: '~/src/shop', remote: 'git@git.example.org:team/shop.git' },
    size: 812,
    here: 812,
    object: fixtureCommit,
    decoded: 'utf-8',
    offers: [
      { scope: 'commits', forwarded: false },
      { scope: 'computer', forwarded: false },
    ],
    fields: [
      { label: 'Namespace', value: 'git' },
      { label: 'Hash', value: 'sha512' },
      { label: 'Digest', value: '9b71d224bd62f3785d96d46ad3ea3d73319bfbc2890caadae2dff72519673ca7' },
    ],
    ...changes,
  };
}

export const fixtureTag: Extract<GitObjectView, { is: 'tag' }> = {
  is: 'tag',
  tag: 'v2.4.0',
  target: head,
  targetType: 'commit',
  tagger: fixturePerson,
  subject: 'Version 2.4.0',
  message: 'Version 2.4.0\n\nThe queue keeps its order.\n',
};

export const fixtureMerge: GitObjectView = {
  ...fixtureCommit,
  is: 'commit',
  tree,
  parents: [parent, head],
  author: fixturePerson,
  committer: {
    ...fixturePerson,
    name: 'Build  Bot',
    email: 'bot@ci.example.org',
    at: Date.UTC(2026, 2, 12, 22, 40),
    zone: '-0800',
  },
  headers: [
    { name: 'encoding', value: 'ISO-8859-1' },
    {
      name: 'mergetag',
      value: `object ${head}\ntype commit\ntag v2.4.0\ntagger Ada Example <ada@example.org> 1773320700 +0100`,
    },
  ],
};

export const fixtureHostileCommit: GitObjectView = {
  ...fixtureCommit,
  is: 'commit',
  tree,
  parents: [],
  headers: [],
  author: { ...fixturePerson, name: 'Ada \u202eelpmaxe\u202c', email: 'ada@ex\u0430mple.org' },
  committer: fixturePerson,
  subject: 'Fix a typo\u200b in the docs\u001b[2K',
  message: 'Fix a typo\u200b in the docs\u001b[2K\n\nOne word\u2066 only.\r\n\tAn indented line.\u0007\n',
};

/** A message of some megabytes. */
export const fixtureLongMessage = `Import the word list\n\n${'the quick brown fox jumps over the lazy dog and goes on to the next line\n'.repeat(70_000)}`;

/** A file whose hash waits for a signature. */
export function fixtureFile(changes: Partial<FileView> = {}, now = Date.now()): FileView {
  return {
    ...base(now),
    kind: 'file',
    programs: ['zsh', 'ssh-keygen'],
    namespace: 'release@example.org',
    hashAlgorithm: 'sha512',
    digest:
      'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
    unusual: ['hash-only'],
    fields: [
      { label: 'Namespace', value: 'release@example.org' },
      { label: 'Hash', value: 'sha512' },
    ],
    ...changes,
  };
}
