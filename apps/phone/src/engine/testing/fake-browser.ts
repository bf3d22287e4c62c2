import { fetchFlows } from '../joining/fetch-flows.ts';
import { webPrimitives } from '@palmkey/core/crypto';
import { webHostKeyVerifier } from '@palmkey/core/ssh';
import { wasmScrypt } from '@palmkey/core/scrypt';
import { RelayError, toHex } from '@palmkey/envelope';
import { RelayClientError } from '@palmkey/relay-client';
import { MemoryStore, MemoryTables } from '../../store/memory-store.ts';
import type { StoreError } from '../../store/store.ts';
import { MemoryBoard } from '../../notices/memory-board.ts';
import { WorkerPhone } from '../../worker/worker-phone.ts';
import type { MeetingPlace } from '../joining/joining-ports.ts';
import { PhoneEngine } from '../phone-engine.ts';
import type { EnginePorts, Missing, PhonePorts } from '../ports.ts';
import { FakeBiometric } from './fake-biometric.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeLocks } from './fake-locks.ts';
import type { FakeSeat } from './fake-neighbours.ts';
import { FakeNeighbours } from './fake-neighbours.ts';
import { FakePush } from './fake-push.ts';
import { FakeRelay } from './fake-relay.ts';

/** The origin that the app, and its own relay, are at. */
export const ORIGIN = 'http://localhost:7210';

/** Where nobody opens a rendezvous. */
const NOWHERE: MeetingPlace = {
  post: () => Promise.reject(new RelayError('no-rendezvous')),
  get: () => Promise.reject(new RelayError('no-rendezvous')),
  opened: () => new Promise(() => undefined),
  claimNameplate: () => Promise.reject(new RelayError('no-nameplate')),
};

/** A tab of a {@link FakeBrowser}. */
export interface FakeTab {
  readonly engine: PhoneEngine;
  /** What the page is told. */
  wake(): void;
  leave(): void;
  show(visible: boolean): void;
  /** What it hears of the others. */
  readonly seat: FakeSeat;
  /** The person closes it. */
  close(): void;
  /** The tab's store, to make it fail. */
  store(): MemoryStore | undefined;
}

/** One browser profile: its tables, locks and clock stay when a tab is closed or reloaded. */
export class FakeBrowser {
  /** Where the app, and its own relay, are at. */
  origin = ORIGIN;
  readonly clock = new FakeClock();
  readonly locks = new FakeLocks();
  readonly push = new FakePush();
  readonly board = new MemoryBoard();
  readonly neighbours = new FakeNeighbours();
  readonly #pages = new Set<{ visible: boolean }>();
  readonly tables = new MemoryTables();
  readonly relays = new Map<string, FakeRelay>([[ORIGIN, new FakeRelay()]]);
  readonly biometric = new FakeBiometric(ORIGIN);
  missing: readonly Missing[] = [];
  storeFault: StoreError | null = null;
  persist = false;
  /** Told of all bytes that were made at random. */
  onRandom: (bytes: Uint8Array) => void = () => undefined;
  /** A named fault: when false, posts reach no relay. */
  rendezvousReachable = true;

  relay(origin = ORIGIN): FakeRelay {
    const relay = this.relays.get(origin) ?? new FakeRelay();
    this.relays.set(origin, relay);
    return relay;
  }

  /** What another network has in the place of the fake one. */
  network: Partial<Pick<PhonePorts, 'meetAt' | 'connectRelay' | 'fetchLinks' | 'clock' | 'scrypt'>> = {};

  /** Opens the app. Notes given from a former tab make it a reload of that tab. */
  open(notes = new Map<string, string>()): FakeTab {
    const wakes: (() => void)[] = [];
    const leaves: (() => void)[] = [];
    const shows: ((visible: boolean) => void)[] = [];
    const seat = this.neighbours.sit();
    const page = { visible: true };
    this.#pages.add(page);
    let store: MemoryStore | undefined;
    const ports: PhonePorts = {
      ...this.#enginePorts((opened) => (store = opened)),
      neighbours: seat,
      board: this.board,
      page: {
        origin: this.origin,
        onWake: (listener) => void wakes.push(listener),
        onLeave: (listener) => void leaves.push(listener),
        visible: () => page.visible,
        onVisible: (listener) => void shows.push(listener),
        notes: { get: (name) => notes.get(name) ?? null, set: (name, value) => void notes.set(name, value) },
        persisted: () => Promise.resolve(false),
        persist: () => Promise.resolve(this.persist),
      },
      missing: () => Promise.resolve(this.missing),
      scrypt: wasmScrypt,
      fetchFlows,
      meetAt: () => NOWHERE,
      ...this.network,
    };
    const engine = new PhoneEngine(ports);
    engine.start();
    const all = (listeners: (() => void)[]) => () => listeners.forEach((listener) => listener());
    const show = (visible: boolean): void => {
      page.visible = visible;
      shows.forEach((listener) => listener(visible));
    };
    const close = (): void => {
      this.#pages.delete(page);
      seat.frozen = true;
      engine.close();
    };
    return { engine, seat, wake: all(wakes), leave: all(leaves), show, close, store: () => store };
  }

  /** Starts the service worker: one more engine of this browser, without a page. */
  startWorker(): WorkerPhone {
    return new WorkerPhone({
      ...this.#enginePorts(() => undefined),
      neighbours: this.neighbours.sit(),
      page: { origin: this.origin, notes: { get: () => null, set: () => undefined } },
      inSight: () => Promise.resolve([...this.#pages].filter(({ visible }) => visible).length),
      board: this.board,
    });
  }

  #enginePorts(onStore: (store: MemoryStore) => void): Omit<EnginePorts, 'page'> {
    return {
      clock: this.clock,
      locks: this.locks,
      biometric: this.biometric,
      primitives: {
        ...webPrimitives,
        randomBytes: (length) => {
          const bytes = webPrimitives.randomBytes(length);
          this.onRandom(bytes);
          return bytes;
        },
      },
      verifyHostKey: webHostKeyVerifier,
      software: 'palmkey-phone/test',
      deviceKind: 'phone',
      openStore: () => {
        if (this.storeFault !== null) return Promise.reject(this.storeFault);
        const store = new MemoryStore(this.tables);
        onStore(store);
        return Promise.resolve(store);
      },
      connectRelay: (origin, device, grant, outbox) => {
        if (grant !== null) this.relay(origin).grants.push(toHex(grant));
        return this.relay(origin).link(device.id, outbox);
      },
      askRelay: (origin) => Promise.resolve(this.relay(origin).up ? this.relay(origin).facts : null),
      fetchLinks: (origin, account, after) =>
        this.relay(origin).up
          ? this.relay(origin).chains.fetch(account, after)
          : Promise.reject(new RelayClientError('no-answer')),
      askSignInNonce: (origin) => Promise.resolve(this.relay(origin).signInNonce),
      push: this.push,
      openRendezvous: (origin, id) => {
        const channel = this.relay(origin).meet(id);
        if (this.rendezvousReachable) return channel;
        return { ...channel, post: () => new Promise<void>(() => undefined) };
      },
    };
  }
}

/** Waits for something to become true, a turn of the event loop at a time; a test that waits in vain says for what. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + 30_000;
  while (!condition()) {
    if (performance.now() > giveUpAt) throw new Error(`waited in vain: ${what}`);
    await new Promise<void>((resolve) => void setTimeout(resolve, 0));
  }
}

/** Lets everything that is on its way arrive: for tests that nothing happens. */
export async function quiet(turns = 30): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise<void>((resolve) => void setTimeout(resolve, 0));
}
