/** The gallery's screens of the account: its devices, a device that joins, recovery words, alarms. */
import { fixtureAccount, fixtureDevices, fixtureJoinLink, fixtureWords } from './fixture-account.ts';
import { fixtureLogin } from './fixture-requests.ts';
import { fixtureSnapshot } from './fixture.ts';
import type { GalleryScreen } from './gallery-screen.ts';
import type { AccountAlarmCode, AccountView, JoiningView, LettingInView } from './account-view.ts';

function withAccount(path: string, changes: Partial<AccountView> = {}): GalleryScreen {
  return { path, snapshot: fixtureSnapshot({ account: fixtureAccount(changes) }) };
}

function lettingIn(lettingIn: LettingInView, path = '/devices/add'): GalleryScreen {
  return { path, snapshot: fixtureSnapshot({ lettingIn }) };
}

function joining(joining: JoiningView): GalleryScreen {
  const nothing = { keys: [], computers: [], history: [], account: null, persistence: 'unknown' } as const;
  return { path: '/', snapshot: fixtureSnapshot({ ...nothing, phase: { is: 'first-run' }, joining }) };
}

function failed(code: string, step: string | null, theirs: string | null = null) {
  return { is: 'failed', code, step, theirs } as const;
}

function alarm(code: AccountAlarmCode, path: string): GalleryScreen {
  return withAccount(path, { alarm: { code, seqno: 11 } });
}

const to = 'https://palmkey.example.net';

function moving(moving: AccountView['moving'], path = '/devices/relay'): GalleryScreen {
  return withAccount(path, { moving, ...(moving.is === 'moved' && { relay: to }) });
}

const idOf = (name: string): string => fixtureDevices().find((device) => device.name === name)?.id ?? '';
const wordless = fixtureDevices().filter(({ kind }) => kind !== 'paper');
const endsAt = Date.now() + 566_000;
const eight = fixtureWords.slice(0, 8).join(' ');
const shown = { is: 'showing', link: fixtureJoinLink, endsAt } as const;

export const accountScreens: Record<string, GalleryScreen> = {
  devices: withAccount('/devices'),
  'devices-first': withAccount('/devices', {
    relay: null,
    devices: wordless.slice(0, 1),
    outside: [],
    hasWords: false,
    head: { seqno: 1, hash: fixtureAccount().head.hash },
  }),
  device: withAccount(`/devices/${idOf('Tablet at home')}`),
  'device-self': withAccount(`/devices/${idOf('Pixel')}`),
  'device-computer': withAccount('/devices/1a'),
  'device-removed': withAccount(`/devices/${idOf('Old phone')}`),
  'device-add-short': lettingIn({ ...shown, suite: 'kex3', words: '12 apple river stone' }),
  'device-add-here-only': lettingIn({
    ...shown,
    link: fixtureJoinLink.replace(new URL(fixtureJoinLink).origin, 'http://localhost:7722'),
    suite: 'kex3',
    words: '12 apple river stone',
  }),
  'device-add-eight': lettingIn({ ...shown, suite: 'kex2-v1', words: eight }),
  'device-add-scan-only': lettingIn({ ...shown, suite: 'kex2-v2', words: null }),
  'device-add-preparing': lettingIn({ is: 'preparing' }),
  'device-add-meeting': lettingIn({ is: 'meeting' }),
  'device-add-asking': lettingIn({ is: 'asking', name: 'Tablet at home', kind: 'tablet', code: '407192' }),
  'device-add-joining': lettingIn({ is: 'joining' }),
  'device-add-done': lettingIn({ is: 'done', name: 'Tablet at home' }),
  'device-add-left': lettingIn(failed('aborted', 'meeting')),
  'device-add-differs': lettingIn(failed('wrong-secret', 'meeting')),
  'device-add-theirs': lettingIn(failed('peer-failed', 'joining', 'not-saved')),
  'device-add-no-relay': lettingIn(failed('no-relay', null)),
  'device-add-alarm': alarm('forked', '/devices/add'),
  'words-none': withAccount('/devices/words', { hasWords: false, devices: wordless }),
  'words-there': withAccount('/devices/words'),
  'alarm-forked': alarm('forked', '/devices/alarm'),
  'alarm-older': alarm('rolled-back', '/devices/alarm'),
  'alarm-withheld': alarm('withheld', '/devices/alarm'),
  'alarm-other-account': alarm('other-account', '/devices/alarm'),
  'alarm-invalid': alarm('bad-chain', '/devices/alarm'),
  'alarm-waiting': alarm('no-head', '/devices/alarm'),
  'alarm-over': withAccount('/devices/alarm'),
  relay: withAccount('/devices/relay'),
  'relay-none': withAccount('/devices/relay', { relay: null }),
  'relay-signing-in': moving({ is: 'signing-in', to }),
  'relay-moving': moving({ is: 'moving', to, step: 'copying', problem: null }),
  'relay-telling': moving({ is: 'moving', to, step: 'telling', problem: 'unavailable' }),
  'relay-following': moving({ is: 'following', to, by: 'Tablet at home', problem: 'not-connected' }),
  'relay-failed': moving({ is: 'failed', to, code: 'other-account' }),
  'relay-left': moving({
    is: 'moved',
    from: 'https://relay.example.org',
    left: fixtureDevices()
      .slice(1, 3)
      .map(({ id, name }) => ({ id, name })),
  }),
  'home-moved': moving({ is: 'following', to, by: 'Tablet at home', problem: null }, '/'),
  'account-removed': withAccount('/', { removed: { at: Date.now() - 7_200_000, by: 'Tablet at home' } }),
  'home-alarm': alarm('forked', '/'),
  'home-wait': alarm('no-head', '/'),
  'approve-alarm': {
    path: '/',
    snapshot: fixtureSnapshot({
      waiting: [fixtureLogin()],
      account: fixtureAccount({ alarm: { code: 'rolled-back', seqno: 11 } }),
    }),
  },
  'approve-wait': {
    path: '/',
    snapshot: fixtureSnapshot({
      waiting: [fixtureLogin()],
      account: fixtureAccount({ alarm: { code: 'no-head', seqno: 11 } }),
    }),
  },
  'home-words': withAccount('/', { hasWords: false, devices: wordless }),
  'home-newcomer': lettingIn({ is: 'asking', name: 'Tablet at home', kind: 'tablet', code: '407192' }, '/'),
  'home-joined': lettingIn({ is: 'done', name: 'Tablet at home' }, '/'),
  'join-preparing': joining({ is: 'preparing' }),
  'join-shown': joining({ ...shown, words: eight }),
  'join-meeting': joining({ is: 'meeting' }),
  'join-naming': joining({ is: 'naming', problem: null, told: false }),
  'join-named': joining({ is: 'naming', problem: null, told: true }),
  'join-code': joining({ is: 'code', code: '407192' }),
  'join-joining': joining({ is: 'joining' }),
  'join-done': {
    path: '/',
    snapshot: fixtureSnapshot({ phase: { is: 'first-run' }, joining: { is: 'done' } }),
  },
  'join-done-locked': {
    path: '/',
    snapshot: fixtureSnapshot({
      phase: { is: 'first-run' },
      joining: { is: 'done' },
      passphrase: { is: 'on', generation: 1, bare: { device: false, keys: [] } },
    }),
  },
  'join-failed': joining(failed('wrong-place', 'offering')),
};
