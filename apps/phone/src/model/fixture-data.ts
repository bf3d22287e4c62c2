/** Made-up facts for the gallery and the tests; never part of the app. */
import { pinnedPrint, workKey } from './fixture-requests.ts';
import type { ComputerView, HistoryEntry, KeyView, PermissionView } from './model.ts';

const day = 86_400_000;
export function fixtureComputers(now = Date.now()): ComputerView[] {
  const common = {
    relay: 'https://relay.example.org',
    pairedAt: now - 40 * day,
    software: 'palmkey 0.1.0',
    problem: null,
    update: null,
    mutedUntil: null,
    flooded: null,
    skewMs: null,
  } as const;
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
    {
      ...common,
      id: 'k3',
      name: 'Old switches',
      type: 'ssh-rsa',
      fingerprint: 'SHA256:kEwM9oXvQ3b2Hn5VtKx0cWq8zLrS1yDm4JfGpUe7aTi',
      authorizedKeysLine: `ssh-rsa ${'AAAAB3NzaC1yc2EAAAADAQABAAACAQDK7xQ2'.repeat(19)}== Old switches`,
      createdAt: now - 2 * day,
    },
  ];
}

export function fixtureHistory(now = Date.now()): HistoryEntry[] {
  const login = {
    kind: 'login',
    computer: 'laptop',
    subject: null,
    repository: null,
    by: 'person',
    user: 'deploy',
    host: 'prod-3.example.org',
    hostFingerprint: pinnedPrint,
    keyName: 'Work',
    refusal: null,
    skewMs: null,
    confirmed: true,
    signed: true,
  } as const;
  return [
    { ...login, hash: 'h1', at: now - 4 * 60_000, outcome: 'approved' },
    {
      ...login,
      hash: 'h11',
      at: now - 6 * 60_000,
      outcome: 'approved',
      keyName: 'Tablet key',
      phone: 'Tablet at home',
    },
    {
      ...login,
      hash: 'h12',
      at: now - 8 * 60_000,
      outcome: 'approved',
      by: 'permission',
      keyName: 'Tablet key',
      phone: 'Tablet at home',
    },
    {
      ...login,
      hash: 'h2',
      at: now - 9 * 60_000,
      host: 'git.example.org',
      user: 'git',
      outcome: 'approved',
      by: 'permission',
    },
    {
      ...login,
      hash: 'h2g',
      at: now - 12 * 60_000,
      kind: 'git',
      user: null,
      host: null,
      hostFingerprint: null,
      subject: 'Keep the order of the queue when a worker restarts',
      repository: 'git@git.example.org:team/shop.git',
      outcome: 'approved',
    },
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
    { ...login, hash: 'h7', at: now - 6 * day, outcome: 'withdrawn', by: null, confirmed: false, signed: false },
    {
      ...login,
      hash: 'h8',
      at: now - 6 * day - 60_000,
      kind: 'file',
      user: null,
      host: null,
      hostFingerprint: null,
      subject: 'release@example.org',
      outcome: 'approved',
    },
    { ...login, hash: 'h9', at: now - 7 * day, outcome: 'passed', signed: false },
    { ...login, hash: 'h10', at: now - 7 * day - 60_000, outcome: 'approved', by: 'other-phone', signed: false },
    {
      ...login,
      hash: 'h11',
      at: now - 8 * day,
      outcome: 'refused',
      refusal: 'muted',
      by: null,
      confirmed: false,
      signed: false,
    },
  ];
}

/** What is allowed on other phones of the account: one, and one that was just ended. */
export function fixtureOthersPermissions(now = Date.now()): PermissionView[] {
  const other = { keyName: 'Tablet key', uses: null, lastUsedAt: null, phone: 'Tablet at home' };
  return [
    {
      ...other,
      id: 'q1',
      ending: false,
      computer: { id: '1a', name: 'laptop' },
      scope: { is: 'server', host: { name: 'git.example.org', port: 22 }, user: 'git', through: null },
      createdAt: now - 9 * 60_000,
      endsAt: now + 51 * 60_000,
    },
    {
      ...other,
      id: 'q2',
      ending: true,
      computer: { id: '2b', name: 'workstation' },
      scope: { is: 'commits' },
      createdAt: now - 20 * 60_000,
      endsAt: now + 2 * 3_600_000,
    },
  ];
}

/** What is allowed right now: one of each scope. */
export function fixturePermissions(now = Date.now()): PermissionView[] {
  const laptop = { id: '1a', name: 'laptop' };
  return [
    {
      id: 'p1',
      phone: null,
      ending: false,
      computer: laptop,
      scope: {
        is: 'server',
        host: { name: 'prod-3.example.org', port: 22 },
        user: 'deploy',
        through: null,
      },
      keyName: 'Work',
      createdAt: now - 18 * 60_000,
      endsAt: now + 41 * 60_000 + 12_000,
      uses: 7,
      lastUsedAt: now - 4 * 60_000,
    },
    {
      id: 'p2',
      phone: null,
      ending: false,
      computer: laptop,
      scope: { is: 'commits' },
      keyName: 'Work',
      createdAt: now - 3_600_000,
      endsAt: now + 2 * 3_600_000 + 7_000,
      uses: 23,
      lastUsedAt: now - 12 * 60_000,
    },
    {
      id: 'p3',
      phone: null,
      ending: false,
      computer: laptop,
      scope: {
        is: 'server',
        host: { name: 'db-primary.staging.eu-central-1.internal.example.net', port: 2222 },
        user: 'postgres',
        through: 'bastion.example.org',
      },
      keyName: 'Work',
      createdAt: now - 60_000,
      endsAt: now + 2.8 * 3_600_000,
      uses: 0,
      lastUsedAt: null,
    },
    {
      id: 'p4',
      phone: null,
      ending: false,
      computer: { id: '2b', name: 'workstation' },
      scope: { is: 'computer' },
      keyName: null,
      createdAt: now - 3_600_000,
      endsAt: now + 11 * 3_600_000,
      uses: 1,
      lastUsedAt: now - 3 * 60_000,
    },
  ];
}
