import type { AccountDataWord, AccountId, ChainHead, DeviceId } from '@palmkey/envelope';
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { systemClock, type Clock } from '../clock.ts';
import { NatsLink } from '../nats/nats-link.ts';
import { startNatsBus } from '../testing/nats-node.ts';
import { RealNats } from '../testing/real-nats.ts';
import { anyAccount, anyDevice, busContract } from './bus.contract.ts';
import type { BusEvents, ExpelCode } from './bus.ts';
import { deviceKey } from '../device-key.ts';
import { NatsBus } from './nats-bus.ts';

const logger = pino({ level: 'silent' });
const there = RealNats.isInstalled();
let nats: RealNats;
let prefixes = 0;

beforeAll(async () => {
  if (there) nats = await RealNats.start();
}, 30_000);
afterAll(async () => {
  if (there) await nats[Symbol.asyncDispose]();
});

/** A node as its bus sees it: the devices that are connected there, and what it was told. */
class Node implements BusEvents, AsyncDisposable {
  readonly link: NatsLink;
  readonly bus: NatsBus;
  readonly connected = new Map<string, AccountId>();
  readonly frames: Buffer[] = [];
  readonly present = new Map<string, boolean>();
  readonly expelled: [DeviceId, ExpelCode][] = [];
  readonly changed: AccountId[] = [];
  readonly heads: [AccountId, ChainHead][] = [];
  readonly data: [AccountId, AccountDataWord, readonly DeviceId[]][] = [];
  readonly rendezvous: Uint8Array[] = [];
  readonly asleep = new Set<string>();

  private constructor(link: NatsLink, clock: Clock) {
    this.link = link;
    this.bus = new NatsBus({ link, clock, nodeId: new Uint8Array(randomBytes(8)) });
    this.bus.listen(this);
  }

  static async start(prefix: string, { clock = systemClock, url = nats.url } = {}): Promise<Node> {
    return new Node(await NatsLink.connect(`${url}?prefix=${prefix}`, logger), clock);
  }

  enter(device: DeviceId, account: AccountId): void {
    this.connected.set(deviceKey(device), account);
    this.bus.enter(device, account);
  }

  leave(device: DeviceId, account: AccountId): void {
    this.connected.delete(deviceKey(device));
    this.bus.leave(device, account);
  }

  /** Until this node knows of as many devices of an account elsewhere. */
  async sees(account: AccountId, count: number): Promise<void> {
    await vi.waitFor(() => expect(this.bus.elsewhere(account)).toHaveLength(count), { timeout: 15_000 });
  }

  onEnteredElsewhere(device: DeviceId): void {
    const account = this.connected.get(deviceKey(device));
    this.connected.delete(deviceKey(device));
    if (account) this.bus.leave(device, account);
  }
  onFrame(_to: DeviceId, frame: Buffer): void {
    this.frames.push(frame);
  }
  onPresence(_account: AccountId, device: DeviceId, present: boolean): void {
    this.present.set(deviceKey(device), present);
  }
  onChainHead(account: AccountId, head: ChainHead): void {
    this.heads.push([account, head]);
  }
  onAccountData(account: AccountId, word: AccountDataWord, members: readonly DeviceId[]): void {
    this.data.push([account, word, members]);
  }
  onExpel(device: DeviceId, code: ExpelCode): void {
    this.expelled.push([device, code]);
  }
  onAccountChanged(account: AccountId): void {
    this.changed.push(account);
  }
  onRendezvous(id: Uint8Array): void {
    this.rendezvous.push(id);
  }

  readsHere(device: DeviceId): boolean {
    const key = deviceKey(device);
    return this.connected.has(key) && !this.asleep.has(key);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bus[Symbol.asyncDispose]();
    await this.link[Symbol.asyncDispose]();
  }
}

function anyPrefix(): string {
  return `test-${prefixes++}`;
}

describe.runIf(there)('NatsBus alone', () => {
  busContract(() => startNatsBus(`${nats.url}?prefix=${anyPrefix()}`));
});

describe.runIf(there)('NatsBus of several nodes', () => {
  it('sees a device come and go at another node', async () => {
    const prefix = anyPrefix();
    await using a = await Node.start(prefix);
    await using b = await Node.start(prefix);
    const [device, account] = [anyDevice(), anyAccount()];
    a.enter(device, account);
    await b.sees(account, 1);
    expect(b.bus.isElsewhere(device)).toBe(true);
    expect(b.present.get(deviceKey(device))).toBe(true);
    a.leave(device, account);
    await b.sees(account, 0);
    expect(b.present.get(deviceKey(device))).toBe(false);
  });

  it('tells a node that comes later of the devices that are there', async () => {
    const prefix = anyPrefix();
    await using a = await Node.start(prefix);
    const account = anyAccount();
    for (let i = 0; i < 20; i++) a.enter(anyDevice(), account);
    await using b = await Node.start(prefix);
    await b.sees(account, 20);
  });

  it('carries a live frame to the node of its recipient, byte for byte', async () => {
    const prefix = anyPrefix();
    await using a = await Node.start(prefix);
    await using b = await Node.start(prefix);
    const [device, account] = [anyDevice(), anyAccount()];
    b.enter(device, account);
    await a.sees(account, 1);
    const frame = new Uint8Array(randomBytes(5_000));
    expect(a.bus.forward(device, frame, () => expect.unreachable('it is there'))).toBe(true);
    await vi.waitFor(() => expect(b.frames).toHaveLength(1));
    expect(new Uint8Array(b.frames[0]!)).toEqual(frame);
  });

  it('says absent of a frame whose recipient has just left, and of one whose node is gone', async () => {
    const prefix = anyPrefix();
    await using a = await Node.start(prefix);
    const b = await Node.start(prefix);
    const [device, other, account] = [anyDevice(), anyDevice(), anyAccount()];
    b.enter(device, account);
    b.enter(other, account);
    await a.sees(account, 2);
    b.leave(device, account);
    const left = new Promise<void>((resolve) => a.bus.forward(device, new Uint8Array(40), resolve));
    await left;
    await b.link.connection.close();
    let gone = false;
    await vi.waitFor(() => {
      a.bus.forward(other, new Uint8Array(40), () => (gone = true));
      expect(gone).toBe(true);
    });
    await b[Symbol.asyncDispose]();
  });

  it('says whether a device reads by the word of the node where it is', async () => {
    const prefix = anyPrefix();
    await using a = await Node.start(prefix);
    await using b = await Node.start(prefix);
    const [device, account] = [anyDevice(), anyAccount()];
    b.enter(device, account);
    await a.sees(account, 1);
    await vi.waitFor(async () => expect(await a.bus.readsElsewhere(device)).toBe(true), { timeout: 10_000 });
    b.asleep.add(deviceKey(device));
    expect(await a.bus.readsElsewhere(device)).toBe(false);
  });

  it('says that nobody reads whose node has ended without a word', async () => {
    const prefix = anyPrefix();
    await using a = await Node.start(prefix);
    const b = await Node.start(prefix);
    const [device, account] = [anyDevice(), anyAccount()];
    b.enter(device, account);
    await a.sees(account, 1);
    await b.link.connection.close();
    expect(await a.bus.readsElsewhere(device)).toBe(false);
    await b[Symbol.asyncDispose]();
  });

  it('forgets the devices of a node that ended without a word', async () => {
    const prefix = anyPrefix();
    await using a = await Node.start(prefix);
    const b = await Node.start(prefix);
    const account = anyAccount();
    b.enter(anyDevice(), account);
    await a.sees(account, 1);
    await b.link.connection.close();
    await a.sees(account, 0);
    await b[Symbol.asyncDispose]();
  });

  it('keeps one connection of a device that connects at every node at once', async () => {
    const prefix = anyPrefix();
    const nodes = await Promise.all([0, 1, 2].map(() => Node.start(prefix)));
    const account = anyAccount();
    const devices = Array.from({ length: 50 }, anyDevice);
    for (const device of devices) for (const node of nodes) node.enter(device, account);
    const count = (device: DeviceId): number => nodes.filter((node) => node.connected.has(deviceKey(device))).length;
    await vi.waitFor(() => expect(devices.map(count)).toEqual(devices.map(() => 1)), { timeout: 10_000 });
    for (const node of nodes) await node.sees(account, 50 - node.connected.size);
    for (const node of nodes) await node[Symbol.asyncDispose]();
  });

  it('lets the later connection stay although its node has a clock that is an hour behind', async () => {
    const prefix = anyPrefix();
    const behind: Clock = { ...systemClock, now: () => Date.now() - 3_600_000 };
    await using a = await Node.start(prefix);
    await using b = await Node.start(prefix, { clock: behind });
    const [device, account] = [anyDevice(), anyAccount()];
    a.enter(device, account);
    await b.sees(account, 1);
    b.enter(device, account);
    await a.sees(account, 1);
    expect(a.connected.size).toBe(0);
    expect(b.connected.size).toBe(1);
  });

  it('tells the others of removals, of accounts that changed, and of rendezvous', async () => {
    const prefix = anyPrefix();
    await using a = await Node.start(prefix);
    await using b = await Node.start(prefix);
    const [device, account] = [anyDevice(), anyAccount()];
    b.enter(device, account);
    await a.sees(account, 1);
    b.changed.length = 0;
    a.bus.expel(device, 'blocked');
    a.bus.accountChanged(account);
    const head = { account: anyAccount(), seqno: 7, hash: new Uint8Array(32).fill(8) };
    a.bus.chainHead(account, head);
    const word = { account: anyAccount(), revision: 3 };
    a.bus.accountData(account, word, [device]);
    a.bus.rendezvous(new Uint8Array(32).fill(7));
    await vi.waitFor(() => expect(b.rendezvous).toEqual([new Uint8Array(32).fill(7)]));
    expect(b.expelled).toEqual([[device, 'blocked']]);
    expect(b.changed).toEqual([account]);
    expect(b.heads).toEqual([[account, head]]);
    expect(b.data).toEqual([[account, word, [device]]]);
  });

  it('leaves nodes of another prefix alone', async () => {
    await using a = await Node.start(anyPrefix());
    await using b = await Node.start(anyPrefix());
    await using c = await Node.start(a.link.address.prefix);
    const account = anyAccount();
    a.enter(anyDevice(), account);
    await c.sees(account, 1);
    expect(b.bus.elsewhere(account)).toEqual([]);
  });
});

describe.runIf(there)('NatsBus when NATS is killed', () => {
  it('is not connected, calls everybody elsewhere absent, and makes the directory anew afterwards', async () => {
    await using own = await RealNats.start();
    await using a = await Node.start('again', { url: own.url });
    await using b = await Node.start('again', { url: own.url });
    const account = anyAccount();
    const [stays, leaves, comes, removed] = [anyDevice(), anyDevice(), anyDevice(), anyDevice()];
    for (const device of [stays, leaves, removed]) b.enter(device, account);
    await a.sees(account, 3);
    await own.kill();
    await vi.waitFor(() => expect([a.bus.connected, b.bus.connected]).toEqual([false, false]), { timeout: 15_000 });
    expect(a.bus.forward(stays, new Uint8Array(40), () => undefined)).toBe(false);
    b.leave(leaves, account);
    b.enter(comes, account);
    a.bus.expel(removed, 'removed');
    b.changed.length = 0;
    await own.restart();
    await vi.waitFor(() => expect(a.bus.isElsewhere(comes)).toBe(true), { timeout: 15_000 });
    await vi.waitFor(() => expect(a.bus.isElsewhere(leaves)).toBe(false), { timeout: 15_000 });
    expect(a.bus.isElsewhere(stays)).toBe(true);
    await vi.waitFor(() => expect(b.expelled).toEqual([[removed, 'removed']]), { timeout: 15_000 });
    expect(b.changed).toContain(account);
  }, 60_000);
});
