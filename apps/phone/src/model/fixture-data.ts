/** Made-up facts for the gallery and the tests; never part of the app. */
import type { ComputerView, HistoryEntry, KeyView, LoginView } from './model.ts';

const day = 86_400_000;
const workKey = {
  name: 'Work',
  fingerprint: 'SHA256:9cVbXq0R2mJ5sYh1tKpLwD7uEaN3fGzQiB8oM6xT4Hk',
  type: 'ssh-ed25519',
};
export const pinnedPrint = 'SHA256:Q1rT6yUiOpAsDfGhJkLzXcVbNm4W3eR2tY7uI8oP0aS';
export const otherPrint = 'SHA256:mZx8CvB7nLkJ6hGfD5sApOiUy4T3rEwQ2zXcVbN1mKj';

/** A routine login, with whatever a screen needs to differ. */
export function fixtureLogin(changes: Partial<LoginView> = {}, now = Date.now()): LoginView {
  return {
    hash: 'c0ffee01',
    computer: { id: '1a', name: 'laptop' },
    programs: ['zsh', 'ssh'],
    terminal: 'ttys003',
    user: 'deploy',
    host: { name: 'prod-3.example.org', port: 22 },
    hostKey: { is: 'pinned', fingerprint: pinnedPrint, pinnedAt: new Date(2026, 2, 12).getTime() },
    hops: [],
    key: workKey,
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
    unusual: [],
    receivedAt: now - 6000,
    endsAt: now + 24_400,
    ...changes,
  };
}

export function fixtureComputers(now = Date.now()): ComputerView[] {
  const common = {
    relay: 'https://relay.example.org',
    pairedAt: now - 40 * day,
    software: 'palmkey 0.1.0',
    problem: null,
  };
  return [
    { ...common, id: '1a', name: 'laptop', lastSeenAt: now - 20_000, reach: 'here' },
    { ...common, id: '2b', name: 'workstation', lastSeenAt: now - 3 * 3_600_000, reach: 'relay-only' },
    {
      ...common,
      id: '3c',
      name: 'build-01.internal',
      relay: 'https://palmkey.internal.example.net:8443',
      lastSeenAt: now - 9 * day,
      reach: 'refused',
      problem: 'not-admitted',
    },
  ];
}

function publicLine(name: string, middle: string): string {
  return `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${middle} ${name}`;
}

export function fixtureKeys(now = Date.now()): KeyView[] {
  const common = { type: 'ssh-ed25519', exportable: false } as const;
  return [
    {
      ...common,
      id: 'k1',
      name: 'Work',
      fingerprint: workKey.fingerprint,
      authorizedKeysLine: publicLine('Work', 'GZy3vQmC1p0bW8sXr5uTnKj2hLdYf7aEo9iRcM4xPqS'),
      createdAt: now - 41 * day,
    },
    {
      ...common,
      id: 'k2',
      name: 'Personal',
      fingerprint: 'SHA256:b2Hn5VtKx0cWq8zLrS1yDm4JfGpUe7aTi9oXvQ3kEwM',
      authorizedKeysLine: publicLine('Personal', 'Hk9wTz2xQfUv6bNcRj1oYs5mLp8aGd3eXi7tKr0qWnB'),
      createdAt: now - 12 * day,
    },
  ];
}

export function fixtureHistory(now = Date.now()): HistoryEntry[] {
  const login = {
    computer: 'laptop',
    user: 'deploy',
    host: 'prod-3.example.org',
    hostFingerprint: pinnedPrint,
    keyName: 'Work',
    refusal: null,
    skewMs: null,
    confirmed: true,
    signed: true,
  };
  return [
    { ...login, hash: 'h1', at: now - 4 * 60_000, outcome: 'approved' },
    { ...login, hash: 'h2', at: now - 9 * 60_000, host: 'git.example.org', user: 'git', outcome: 'approved' },
    {
      ...login,
      hash: 'h3',
      at: now - 21 * 60_000,
      host: '203.0.113.77',
      user: 'root',
      outcome: 'rejected',
      signed: false,
      computer: 'workstation',
    },
    { ...login, hash: 'h4', at: now - 22 * 60_000, outcome: 'expired', confirmed: false, signed: false },
    {
      ...login,
      hash: 'h5',
      at: now - day - 60_000,
      outcome: 'refused',
      refusal: 'clock-skew',
      skewMs: -3_720_000,
      computer: 'workstation',
      confirmed: false,
      signed: false,
      hostFingerprint: null,
      keyName: null,
    },
    {
      ...login,
      hash: 'h6',
      at: now - day - 3_600_000,
      outcome: 'approved',
      confirmed: false,
      host: 'db-primary.staging.eu-central-1.internal.example.net',
    },
    { ...login, hash: 'h7', at: now - 6 * day, outcome: 'withdrawn', confirmed: false, signed: false },
  ];
}
