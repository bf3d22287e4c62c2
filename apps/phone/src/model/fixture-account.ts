/** An account that only changes in memory, for the gallery and for tests of the pages; never part of the app. */
import type { AccountDeviceView, AccountView, RecoveredAccount } from './account-view.ts';
import { fixtureKeys } from './fixture-data.ts';
import type { PhoneModel, PhoneSnapshot } from './model.ts';

const day = 86_400_000;
const idOf = (start: string): string => start.padEnd(32, '7f3c');

/** The twelve words of the fixture; BIP39's own first example. */
export const fixtureWords = [...Array<string>(11).fill('abandon'), 'about'];
/** A secret as a device shows it: the relay of the fixtures, and 32 bytes. */
export const fixtureJoinLink =
  'https://app.example.org/join#AQMBGWh0dHBzOi8vcmVsYXkuZXhhbXBsZS5vcmcHJEFee5i10u8MKUZjgJ26IAdivRhzzimE3zqV8EumAVy3Em3II37ZNI_qRaD7VrEM';

/** Two phones, two computers and recovery words; one phone that was lost. */
export function fixtureDevices(now = Date.now()): AccountDeviceView[] {
  const common = { self: false, addedBy: 'Pixel', revoked: null };
  return [
    { ...common, id: idOf('a1'), name: 'Pixel', kind: 'phone', self: true, addedAt: now - 41 * day, addedBy: null },
    { ...common, id: '1a', name: 'laptop', kind: 'computer', addedAt: now - 40 * day },
    { ...common, id: '2b', name: 'workstation', kind: 'computer', addedAt: now - 33 * day },
    { ...common, id: idOf('b2'), name: 'Recovery words', kind: 'paper', addedAt: now - 32 * day },
    { ...common, id: idOf('c3'), name: 'Tablet at home', kind: 'tablet', addedAt: now - 5 * day },
    {
      ...common,
      id: idOf('d4'),
      name: 'Old phone',
      kind: 'phone',
      addedAt: now - 39 * day,
      revoked: { at: now - 4 * day, by: 'Tablet at home' },
    },
  ];
}

/** An account at rest, with whatever a screen needs to differ. */
export function fixtureAccount(changes: Partial<AccountView> = {}): AccountView {
  return {
    id: idOf('e5'),
    relay: 'https://relay.example.org',
    head: { seqno: 12, hash: idOf('f6').repeat(2) },
    devices: fixtureDevices(),
    outside: [{ id: '3c', why: 'other-relay' }],
    hasWords: true,
    alarm: null,
    data: 'current',
    removed: null,
    moving: { is: 'none' },
    ...changes,
  };
}

/** Answers every call by changing the snapshot as the engine would, at once. */
export function createFixtureAccount(
  snapshot: () => PhoneSnapshot,
  change: (changes: Partial<PhoneSnapshot>) => Promise<void>,
): Pick<PhoneModel, 'account' | 'joining' | 'moving'> {
  const changeAccount = (changes: Partial<AccountView>): Promise<void> => {
    const { account } = snapshot();
    return account === null ? Promise.resolve() : change({ account: { ...account, ...changes } });
  };
  const recovered: RecoveredAccount = {
    id: idOf('e5'),
    lastChangeAt: Date.now() - 4 * day,
    devices: fixtureDevices()
      .filter(({ revoked }) => revoked === null)
      .map((device) => ({ ...device, self: false })),
  };
  return {
    account: {
      check: () => changeAccount({ alarm: null }),
      revoke: (id) =>
        changeAccount({
          devices: (snapshot().account?.devices ?? []).map((device) =>
            device.id === id ? { ...device, revoked: { at: Date.now(), by: snapshot().deviceName } } : device,
          ),
        }),
      newWords: () => Promise.resolve(fixtureWords),
      keepWords: () => changeAccount({ hasWords: true }),
      dropWords: () => undefined,
    },
    joining: {
      letDeviceIn: (suite) =>
        void change({
          lettingIn: {
            is: 'showing',
            suite,
            link: fixtureJoinLink,
            words: { kex3: '12 apple river stone', 'kex2-v1': fixtureWords.slice(0, 8).join(' '), 'kex2-v2': null }[
              suite
            ],
            endsAt: Date.now() + 600_000,
          },
        }),
      enterSecret: () => void change({ lettingIn: { is: 'meeting' } }),
      answerNewcomer: (yes) =>
        void change({
          lettingIn: yes ? { is: 'joining' } : { is: 'failed', code: 'refused', step: 'asking', theirs: null },
        }),
      cancelLetIn: () => void change({ lettingIn: { is: 'none' } }),
      dismissLetIn: () => void change({ lettingIn: { is: 'none' } }),
      join: () => void change({ joining: { is: 'meeting' } }),
      showSecret: () =>
        void change({
          joining: {
            is: 'showing',
            link: fixtureJoinLink,
            words: fixtureWords.slice(0, 8).join(' '),
            endsAt: Date.now() + 600_000,
          },
        }),
      nameDevice: () => void change({ joining: { is: 'code', code: '407192' } }),
      cancelJoin: () => void change({ joining: { is: 'none' } }),
      dismissJoin: () => void change({ joining: { is: 'none' } }),
      rejoin: () => Promise.resolve(recovered),
      confirmRejoin: (deviceName) =>
        change({
          deviceName,
          keys: fixtureKeys().slice(0, 1),
          phase: { is: 'ready' },
          account: { ...fixtureAccount(), devices: fixtureDevices() },
        }),
      cancelRejoin: () => undefined,
    },
    moving: {
      look: (relay) => Promise.resolve({ relay, hasAccount: false, reachesPresent: true }),
      signIn: () => Promise.resolve({ action: 'https://new.example.org/v1/github/start', fields: {} }),
      begin: () =>
        changeAccount({ moving: { is: 'moving', to: 'https://new.example.org', step: 'posting', problem: null } }),
      cancel: () => changeAccount({ moving: { is: 'none' } }),
      stay: () => changeAccount({ moving: { is: 'none' } }),
      dismiss: () => void changeAccount({ moving: { is: 'none' } }),
      endFormer: () => changeAccount({ moving: { is: 'none' } }),
    },
  };
}
