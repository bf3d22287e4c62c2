/** A model that only changes in memory, for the gallery and for tests of the pages; never part of the app. */
import { createFixtureAccount, fixtureAccount } from './fixture-account.ts';
import { fixtureComputers, fixtureHistory, fixtureKeys } from './fixture-data.ts';
import type { LockView, PhoneModel, PhoneSnapshot } from './model.ts';
import type { RequestView } from './request-view.ts';

/** The one that opens the fixture. */
const fixturePassphrase = 'apple river stone cloud';

/** A phone that is set up and at rest, with whatever a screen needs to differ. */
export function fixtureSnapshot(changes: Partial<PhoneSnapshot> = {}): PhoneSnapshot {
  return {
    phase: { is: 'ready' },
    deviceName: 'Pixel',
    keys: fixtureKeys(),
    computers: fixtureComputers(),
    waiting: [],
    front: null,
    lockedWaiting: 0,
    permissions: [],
    lock: { is: 'off' },
    passphrase: { is: 'off' },
    notices: {
      on: false,
      relay: null,
      shows: 'question',
      allowKeys: [],
      standing: 'unasked',
      offered: false,
      wakes: 'fine',
    },
    asks: null,
    aftermath: null,
    history: fixtureHistory(),
    pairing: { is: 'none' },
    account: fixtureAccount(),
    lettingIn: { is: 'none' },
    joining: { is: 'none' },
    persistence: 'granted',
    secondWayAcknowledged: true,
    ...changes,
  };
}

/** What an aftermath calls a request. */
function titleOf(request: RequestView): string | null {
  switch (request.kind) {
    case 'login':
      return request.host?.name ?? null;
    case 'git':
      return request.object?.subject ?? null;
    case 'file':
      return request.namespace;
  }
}

function relocked(lock: LockView, locked: boolean): LockView {
  return lock.is === 'off' ? lock : { ...lock, locked };
}

/** Text of a git request as git writes it. */
function textOf(request: RequestView | undefined): string {
  if (request?.kind !== 'git' || request.object?.is !== 'commit') return request?.kind === 'git' ? 'object …' : '';
  const { tree, parents, author, committer, message } = request.object;
  const person = ({ name, email, at, zone }: typeof author) => `${name} <${email}> ${at / 1000} ${zone}`;
  return [
    `tree ${tree}`,
    ...parents.map((parent) => `parent ${parent}`),
    `author ${person(author)}`,
    `committer ${person(committer)}`,
    '',
    message,
  ].join('\n');
}

/** Answers every call by changing its snapshot as the engine would, at once. */
export function createFixture(initial: PhoneSnapshot): PhoneModel {
  let snapshot = initial;
  const listeners = new Set<() => void>();
  const change = (changes: Partial<PhoneSnapshot>): Promise<void> => {
    snapshot = { ...snapshot, ...changes };
    for (const listener of listeners) listener();
    return Promise.resolve();
  };
  return {
    getSnapshot: () => snapshot,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    createAccountKey: ({ deviceName }) =>
      change({ deviceName, keys: fixtureKeys().slice(0, 1), phase: { is: 'ready' } }),
    addKey: () => change({ keys: fixtureKeys() }),
    removeKey: (id) => change({ keys: snapshot.keys.filter((key) => key.id !== id) }),
    renameKey: (id, name) => change({ keys: snapshot.keys.map((key) => (key.id === id ? { ...key, name } : key)) }),
    renameDevice: (deviceName) => change({ deviceName }),
    openLink: () => void change({ pairing: { is: 'connecting', hostName: 'laptop' } }),
    confirmLink: () => void change({ pairing: { is: 'connecting', hostName: 'laptop' } }),
    cancelPairing: () => void change({ pairing: { is: 'failed', hostName: 'laptop', code: 'cancelled' } }),
    dismissPairing: () => void change({ pairing: { is: 'none' } }),
    decide: async (hash, decision, permission) => {
      const request = snapshot.waiting.find((waiting) => waiting.hash === hash);
      if (request === undefined) return false;
      await change({
        waiting: snapshot.waiting.filter((waiting) => waiting.hash !== hash),
        aftermath: {
          hash,
          computer: request.computer.name,
          title: titleOf(request),
          decision,
          permission: permission === undefined ? null : 'p1',
          state: 'sending',
          outcome: null,
        },
      });
      return true;
    },
    gitText: (hash, from, length) => {
      const text = textOf(snapshot.waiting.find((waiting) => waiting.hash === hash));
      return { text: text.slice(from, from + length), total: text.length };
    },
    revokePermission: (id) => change({ permissions: snapshot.permissions.filter((held) => held.id !== id) }),
    revokeAllPermissions: () => change({ permissions: [] }),
    muteComputer: (id, forMs) =>
      change({
        waiting: snapshot.waiting.filter(({ computer }) => computer.id !== id),
        computers: snapshot.computers.map((computer) =>
          computer.id === id ? { ...computer, mutedUntil: Date.now() + forMs, flooded: null } : computer,
        ),
      }),
    unmuteComputer: (id) =>
      change({
        computers: snapshot.computers.map((computer) =>
          computer.id === id ? { ...computer, mutedUntil: null } : computer,
        ),
      }),
    setLock: ({ afterMinutes, biometric }) =>
      change({ lock: { is: 'on', locked: false, afterMinutes, biometric, retryAt: null } }),
    removeLock: (code) => {
      if (code === '123456') void change({ lock: { is: 'off' } });
      return Promise.resolve(code === '123456');
    },
    unlock: (code) => {
      const opens = code === null || code === '123456';
      if (opens) void change({ lock: relocked(snapshot.lock, false) });
      return Promise.resolve(opens);
    },
    lockNow: () => void change({ lock: relocked(snapshot.lock, true) }),
    passphrase: {
      open: (text) => {
        const opens = text === fixturePassphrase;
        if (opens) void change({ phase: { is: 'ready' } });
        return Promise.resolve(opens);
      },
      set: () => change({ passphrase: { is: 'on', generation: 1, bare: { device: true, keys: ['k1'] } } }),
      change: (former) => Promise.resolve(former === fixturePassphrase),
      remove: (former) => {
        if (former === fixturePassphrase) void change({ passphrase: { is: 'off' } });
        return Promise.resolve(former === fixturePassphrase);
      },
      renewDevice: () => {
        const { passphrase: now } = snapshot;
        return change({ passphrase: now.is === 'on' ? { ...now, bare: { ...now.bare, device: false } } : now });
      },
    },
    lookAtNotices: () => Promise.resolve(),
    switchNoticesOn: () =>
      change({ notices: { ...snapshot.notices, on: true, relay: 'https://relay.example.org', standing: 'allowed' } }),
    switchNoticesOff: () => change({ notices: { ...snapshot.notices, on: false, relay: null } }),
    setNotices: (changes) => change({ notices: { ...snapshot.notices, ...changes } }),
    testNotice: () => Promise.resolve(),
    show: () => undefined,
    admissionOf: () => Promise.resolve(['invitation', 'github']),
    lookAtRelay: () => Promise.resolve(),
    signInForm: (relay) => Promise.resolve({ action: `${relay}/v1/github/start`, fields: {} }),
    useInvitation: (_relay, code) =>
      code.length < 20 ? Promise.reject(Object.assign(new Error('length'), { code: 'length' })) : Promise.resolve(),
    invite: () => Promise.resolve({ code: 'K7Q2M-9XW4D-0HT5B-N3VCR', endsAt: Date.now() + 86_400_000 }),
    dismissAftermath: () => void change({ aftermath: null }),
    forgetPin: () => Promise.resolve(),
    renameComputer: (id, name) =>
      change({
        computers: snapshot.computers.map((computer) => (computer.id === id ? { ...computer, name } : computer)),
      }),
    unpair: (id) => change({ computers: snapshot.computers.filter((computer) => computer.id !== id) }),
    reconnect: () => undefined,
    requestPersistence: () => Promise.resolve(),
    acknowledgeSecondWay: () => change({ secondWayAcknowledged: true }),
    exportFacts: () => Promise.resolve(new Blob(['{}'], { type: 'application/json' })),
    ...createFixtureAccount(() => snapshot, change),
    beginAnew: () => change({ phase: { is: 'first-run' }, account: null }),
    useHere: () => void change({ phase: { is: 'ready' } }),
  };
}
