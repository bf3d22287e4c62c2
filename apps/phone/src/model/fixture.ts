/** A model that only changes in memory, for the gallery and for tests of the pages; never part of the app. */
import { fixtureComputers, fixtureHistory, fixtureKeys } from './fixture-data.ts';
import type { PhoneModel, PhoneSnapshot } from './model.ts';

/** A phone that is set up and at rest, with whatever a screen needs to differ. */
export function fixtureSnapshot(changes: Partial<PhoneSnapshot> = {}): PhoneSnapshot {
  return {
    phase: { is: 'ready' },
    deviceName: 'Pixel',
    keys: fixtureKeys(),
    computers: fixtureComputers(),
    waiting: [],
    aftermath: null,
    history: fixtureHistory(),
    pairing: { is: 'none' },
    persistence: 'granted',
    secondWayAcknowledged: true,
    ...changes,
  };
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
    renameKey: (id, name) => change({ keys: snapshot.keys.map((key) => (key.id === id ? { ...key, name } : key)) }),
    renameDevice: (deviceName) => change({ deviceName }),
    openLink: () => void change({ pairing: { is: 'connecting', hostName: 'laptop' } }),
    confirmLink: () => void change({ pairing: { is: 'connecting', hostName: 'laptop' } }),
    cancelPairing: () => void change({ pairing: { is: 'failed', hostName: 'laptop', code: 'cancelled' } }),
    dismissPairing: () => void change({ pairing: { is: 'none' } }),
    decide: (hash, decision) => {
      const login = snapshot.waiting.find((waiting) => waiting.hash === hash);
      if (login === undefined) return Promise.resolve();
      return change({
        waiting: snapshot.waiting.filter((waiting) => waiting.hash !== hash),
        aftermath: {
          hash,
          computer: login.computer.name,
          title: login.host?.name ?? null,
          decision,
          state: 'sending',
          outcome: null,
        },
      });
    },
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
    useHere: () => void change({ phase: { is: 'ready' } }),
  };
}
