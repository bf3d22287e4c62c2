/** Every screen of the gallery: where it is and what the model says there. */
import { fixtureSnapshot } from './fixture.ts';
import { accountScreens } from './fixture-account-screens.ts';
import { fixtureAccount } from './fixture-account.ts';
import { fixtureComputers, fixtureOthersPermissions, fixturePermissions } from './fixture-data.ts';
import {
  fixtureCommit,
  fixtureFile,
  fixtureGit,
  fixtureHostileCommit,
  fixtureLogin,
  fixtureLongMessage,
  fixtureMerge,
  fixtureTag,
  otherPrint,
  pinnedPrint,
  workKey,
} from './fixture-requests.ts';
import type { GalleryScreen } from './gallery-screen.ts';
import type { ComputerView, LockView, NoticesView, PhoneSnapshot, RelayThatAsks } from './model.ts';
import type { GitView, LoginView, RequestView } from './request-view.ts';

function at(path: string, changes: Partial<PhoneSnapshot> = {}): GalleryScreen {
  return { path, snapshot: fixtureSnapshot(changes) };
}
function asking(...logins: Partial<LoginView>[]): GalleryScreen {
  return at('/', { waiting: logins.map((login, index) => fixtureLogin({ hash: `c0ffee0${index}`, ...login })) });
}

function askingGit(changes: Partial<GitView> = {}): GalleryScreen {
  return at('/', { waiting: [fixtureGit(changes)] });
}
function askingAny(...waiting: RequestView[]): GalleryScreen {
  return at('/', { waiting });
}

/** The first computer in some state. */
function withLaptop(path: string, changes: Partial<ComputerView>): GalleryScreen {
  return at(path, {
    computers: fixtureComputers().map((computer, index) => (index === 0 ? { ...computer, ...changes } : computer)),
  });
}
const relay = 'https://relay.example.org';
const asks: RelayThatAsks = { relay, knows: false };
const admissionPath = `/computers/admission?relay=${encodeURIComponent(relay)}`;

const noticesOn: NoticesView = {
  on: true,
  relay,
  shows: 'question',
  allowKeys: ['k1'],
  standing: 'allowed',
  offered: false,
  wakes: 'fine',
};

const noticesOff: NoticesView = { ...noticesOn, on: false, relay: null, standing: 'unasked' };

/** Every computer at one relay that refuses this device. */
function refusedAt(problem: string): GalleryScreen {
  return at(admissionPath, {
    computers: fixtureComputers().map((computer) => ({ ...computer, relay, reach: 'refused', problem })),
  });
}

const locked: LockView = { is: 'on', locked: true, afterMinutes: 5, biometric: false, retryAt: null };

const firstRun = {
  keys: [],
  computers: [],
  history: [],
  persistence: 'unknown',
  secondWayAcknowledged: false,
} as const;
const justMade = { ...firstRun, keys: fixtureSnapshot().keys.slice(0, 1) };
const changed: Partial<LoginView> = {
  hostKey: {
    is: 'changed',
    fingerprint: otherPrint,
    pinnedFingerprint: pinnedPrint,
    pinnedAt: new Date(2026, 2, 12).getTime(),
    pinnedBy: ['laptop'],
  },
};
const hostile =
  'prod-3.example.org\u202egro.elpmaxe\u200b.\u0430ttacker.very-long-subdomain-that-goes-on-and-on.example.net';

export const galleryScreens: Record<string, GalleryScreen> = {
  'approve-pinned': asking({}),
  'approve-queue': asking({}, { host: { name: 'git.example.org', port: 22 }, user: 'git' }, { user: 'root' }),
  'approve-new': asking({
    hostKey: { is: 'new', fingerprint: otherPrint, knownAs: [], otherTypes: [] },
    host: { name: 'staging.example.org', port: 2222 },
    unusual: ['new-host'],
  }),
  'approve-other-name': asking({
    hostKey: {
      is: 'new',
      fingerprint: otherPrint,
      knownAs: [{ name: 'prod-3.example.org', port: 22, by: ['workstation'] }],
      otherTypes: ['ssh-ed25519'],
    },
    host: { name: 'git.example.org', port: 22 },
    unusual: ['new-host', 'other-name'],
  }),
  'approve-forwarded': asking({
    hops: [
      { fingerprint: pinnedPrint, name: 'bastion' },
      { fingerprint: otherPrint, name: null },
    ],
    unusual: ['forwarded'],
    offers: [{ scope: 'server', forwarded: true }],
    user: 'postgres',
  }),
  'approve-certificate': asking({
    certificate: {
      caFingerprint: 'SHA256:7ui8oP0aSdFgH2jK4lZ6xC8vB0nM1qW3eR5tY7uI9oQ',
      keyId: 'host-prod-3-2026',
      principals: ['prod-3.example.org', 'prod-3'],
      validFrom: Date.UTC(2026, 0, 1, 12),
      validUntil: Date.UTC(2026, 11, 31, 12),
      state: 'valid',
    },
  }),
  'approve-bad-certificate': asking({
    certificate: {
      caFingerprint: 'SHA256:7ui8oP0aSdFgH2jK4lZ6xC8vB0nM1qW3eR5tY7uI9oQ',
      keyId: 'host-prod-3-2025',
      principals: [],
      validFrom: null,
      validUntil: Date.UTC(2025, 11, 31, 12),
      state: 'out-of-time',
    },
    unusual: ['bad-certificate'],
  }),
  'approve-elsewhere': asking({ key: { ...workKey, here: false }, offers: [] }),
  'approve-commit': askingGit(),
  'approve-merge': askingGit({ object: fixtureMerge, decoded: 'ISO-8859-1' }),
  'approve-tag': askingGit({ object: fixtureTag }),
  'approve-tag-of-tag': askingGit({
    object: { ...fixtureTag, is: 'tag', tag: 'stable', targetType: 'tag', tagger: null, subject: '', message: '' },
    repository: null,
  }),
  'approve-hidden': askingGit({ object: fixtureHostileCommit, unusual: ['hidden-characters'] }),
  'approve-long': askingGit({
    object: { ...fixtureCommit, subject: 'Import the word list', message: fixtureLongMessage },
    size: fixtureLongMessage.length,
    here: fixtureLongMessage.length,
  }),
  'approve-loading': askingGit({ object: null, size: 5_242_880, here: 1_310_720 }),
  'approve-file': askingAny(fixtureFile()),
  'approve-unnamed': asking({
    host: null,
    hostKey: { is: 'unnamed', fingerprint: otherPrint, knownAs: [] },
    unusual: ['unnamed-host', 'unknown-program'],
    programs: [],
    terminal: null,
  }),
  'approve-unbound': asking({
    hostKey: { is: 'unbound' },
    unusual: ['unbound'],
    programs: ['node', 'git', 'ssh'],
    terminal: null,
    host: { name: 'git.example.org', port: 22 },
    user: 'git',
  }),
  'approve-changed': asking(changed),
  'approve-hostile': asking({
    host: { name: hostile, port: 22 },
    user: 'dep\u0007loy',
    hostKey: { is: 'new', fingerprint: otherPrint, knownAs: [], otherTypes: [] },
    unusual: ['new-host'],
  }),
  'approve-expired': asking({ endsAt: 0 }),
  'host-key': { ...asking(changed), path: '/host-key/c0ffee00' },
  'home-empty': at('/'),
  'home-allowed': at('/', {
    permissions: fixturePermissions().slice(0, 2),
    aftermath: {
      hash: 'h1',
      computer: 'laptop',
      title: 'prod-3.example.org',
      decision: 'approve',
      permission: 'p1',
      state: 'confirmed',
      outcome: 'approved',
    },
  }),
  'home-allowed-elsewhere': at('/', {
    permissions: [...fixturePermissions().slice(0, 1), ...fixtureOthersPermissions()],
    account: { ...fixtureAccount(), data: 'older' },
  }),
  'home-permissions-ask': at('/', {
    permissions: fixturePermissions().slice(0, 1),
    account: { ...fixtureAccount(), data: 'unread' },
  }),
  'home-flooded': withLaptop('/', { flooded: { refused: 41, since: Date.now() - 4 * 60_000 } }),
  'home-clock': withLaptop('/', { skewMs: 5 * 3_600_000, reach: 'relay-only' }),
  'computer-clock': withLaptop('/computers/1a', { skewMs: -26 * 3_600_000, reach: 'relay-only' }),
  'home-muted': withLaptop('/', { mutedUntil: Date.now() + 40 * 60_000 }),
  permissions: at('/permissions', { permissions: [...fixturePermissions(), ...fixtureOthersPermissions()] }),
  'permissions-empty': at('/permissions'),
  'lock-screen': at('/', { lock: locked, lockedWaiting: 2 }),
  'lock-delayed': at('/', { lock: { ...locked, biometric: true, retryAt: Date.now() + 30_000 } }),
  'passphrase-unlock': at('/', { phase: { is: 'passphrase' } }),
  'passphrase-off': at('/settings/passphrase'),
  'passphrase-off-alone': at('/settings/passphrase', { account: null }),
  'passphrase-bare': at('/settings/passphrase', {
    passphrase: { is: 'on', generation: 1, bare: { device: true, keys: ['k1'] } },
  }),
  'passphrase-on': at('/settings/passphrase', {
    passphrase: { is: 'on', generation: 2, bare: { device: false, keys: [] } },
  }),
  'lock-off': at('/settings/lock'),
  'lock-on': at('/settings/lock', { lock: { ...locked, locked: false, biometric: true } }),
  install: at('/settings/install'),
  'home-new': at('/', { ...justMade, persistence: 'refused' }),
  'home-asks': at('/', { ...justMade, persistence: 'granted', secondWayAcknowledged: true, asks }),
  'home-notices': at('/', {
    persistence: 'refused',
    secondWayAcknowledged: false,
    aftermath: {
      hash: 'h1',
      computer: 'laptop',
      title: 'prod-3.example.org',
      decision: 'approve',
      permission: null,
      state: 'confirmed',
      outcome: 'approved',
    },
  }),
  'home-unconfirmed': at('/', {
    aftermath: {
      hash: 'h1',
      computer: 'laptop',
      title: 'prod-3.example.org',
      decision: 'approve',
      permission: null,
      state: 'unconfirmed',
      outcome: null,
    },
  }),
  'home-known': at('/', {
    ...justMade,
    persistence: 'granted',
    secondWayAcknowledged: true,
    asks: { relay, knows: true },
  }),
  'home-push-offer': at('/', { notices: { ...noticesOff, offered: true } }),
  'home-push-blocked': at('/', { notices: { ...noticesOn, standing: 'denied' } }),
  'home-push-lost': at('/', { notices: { ...noticesOn, wakes: 'lost' } }),
  'first-run-welcome': at('/', { ...firstRun, phase: { is: 'first-run' } }),
  'first-run-asks': at('/', { ...firstRun, phase: { is: 'first-run' }, asks }),
  'pair-none': at('/computers/add'),
  'pair-confirm-link': at('/computers/add', { pairing: { is: 'confirm-link', hostName: 'laptop' } }),
  'pair-confirm-relay': at('/computers/add', {
    pairing: { is: 'confirm-relay', relay: 'https://relay.else.example.com:8443', hostName: 'laptop' },
  }),
  'pair-connecting': at('/computers/add', { pairing: { is: 'connecting', hostName: 'laptop' } }),
  'pair-code': at('/computers/add', {
    pairing: { is: 'code', hostName: 'laptop', code: '407192', endsAt: Date.now() + 171_000 },
  }),
  'pair-failed': at('/computers/add', { pairing: { is: 'failed', hostName: 'laptop', code: 'wrong-code' } }),
  'pair-paired': at('/computers/add', { pairing: { is: 'paired', computer: { id: '1a', name: 'laptop' } } }),
  computers: at('/computers'),
  'computers-asks': at('/computers', { ...justMade, asks }),
  'computers-asking': { ...asking({}), path: '/computers' },
  computer: at('/computers/1a'),
  'computer-refused': at('/computers/3c'),
  'computer-muted': withLaptop('/computers/1a', { mutedUntil: Number.POSITIVE_INFINITY }),
  'computer-update': withLaptop('/computers/1a', { update: 'computer' }),
  'computer-newer': withLaptop('/computers/1a', { update: 'phone' }),
  'computers-many': at('/computers', {
    computers: fixtureComputers().map((computer, index) => ({
      ...computer,
      mutedUntil: index === 0 ? Date.now() + 3_600_000 : null,
      update: index === 1 ? ('computer' as const) : null,
    })),
  }),
  keys: at('/keys'),
  key: at('/keys/k1'),
  history: at('/history'),
  'history-empty': at('/history', { history: [] }),
  'history-refused': at('/history/h5'),
  'history-entry': at('/history/h1'),
  'history-git': at('/history/h2g'),
  'history-permission': at('/history/h2'),
  'notices-off': at('/settings/notifications'),
  'notices-on': at('/settings/notifications', { notices: noticesOn }),
  'notices-little': at('/settings/notifications', { notices: { ...noticesOn, shows: 'little', wakes: 'refused' } }),
  'notices-denied': at('/settings/notifications', { notices: { ...noticesOn, on: false, standing: 'denied' } }),
  'notices-install': at('/settings/notifications', {
    notices: { ...noticesOn, on: false, standing: 'install-first' },
  }),
  admission: refusedAt('not-admitted'),
  'admission-removed': refusedAt('removed'),
  'computer-not-admitted': { ...refusedAt('not-admitted'), path: '/computers/1a' },
  'admission-first': at(admissionPath, { ...justMade, asks }),
  invite: at('/computers/invite'),
  'invite-first': at('/computers/invite', { ...justMade, asks: { relay, knows: true } }),
  'invite-unknown': at('/computers/invite', { ...justMade, asks }),
  'admission-foreign': at(`/computers/admission?relay=${encodeURIComponent('https://relay.example.net')}`),
  settings: at('/settings', { persistence: 'refused' }),
  about: at('/settings/about'),
  ...accountScreens,
  loading: at('/', { phase: { is: 'loading' } }),
  elsewhere: at('/', { phase: { is: 'elsewhere' } }),
  unsupported: at('/', { phase: { is: 'unsupported', missing: ['ed25519', 'x25519'] } }),
  'broken-newer': at('/', { phase: { is: 'broken', reason: 'newer-version' } }),
  'broken-store': at('/', { phase: { is: 'broken', reason: 'store-failed' } }),
};
