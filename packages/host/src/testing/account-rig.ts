/** A computer's account by itself beside real relays, without a daemon: its ports are the test's, and can fail. */
import type { ChainState } from '@palmkey/chain';
import { type Relay, startRelay } from '@palmkey/relay';
import { type RelayClient, systemTimers } from '@palmkey/relay-client';
import { pino } from 'pino';
import { HostAccount } from '../account/host-account.ts';
import { nodePrimitives } from '../keys/node-primitives.ts';
import { openRelay } from '../lines/relay-ports.ts';
import { AccountFile } from '../state/account-file.ts';
import { TestAccount } from './test-account.ts';
import { TestClock } from './test-clock.ts';
import { TestDisk } from './test-disk.ts';
import { peerOf, testDevice, TestPhone } from './test-phone.ts';
import { tempFolder } from './temp-folder.ts';

export class AccountRig implements AsyncDisposable {
  readonly clock = new TestClock();
  readonly disk = new TestDisk();
  readonly device = testDevice();
  /** The computer as phones know it. */
  readonly host = peerOf(this.device, 'laptop', 'asks');
  readonly phone = new TestPhone();
  /** What was written down, and what went wrong. */
  readonly states: ChainState[] = [];
  readonly faults: unknown[] = [];
  /** Called before a state is written down: what it throws keeps it from that. */
  onState: () => void = () => undefined;
  /** Called with each URL that is fetched. */
  onFetch: (url: string) => void = () => undefined;
  relay!: Relay;
  file!: AccountFile;
  account!: HostAccount;
  readonly #folder = tempFolder();
  readonly #relays: Relay[] = [];
  readonly #lines = new Map<string, RelayClient>();
  readonly #phones: TestPhone[] = [];

  /** The account of the phone, in which this computer is, at a relay of its own. */
  static async enlisted(): Promise<{ readonly rig: AccountRig; readonly chain: TestAccount }> {
    const rig = new AccountRig();
    rig.clock.setWall(Date.now());
    rig.relay = await rig.openRelay();
    rig.begin();
    await rig.connect(rig.phone, rig.relay);
    const chain = await TestAccount.begin(rig.phone);
    const pairing = rig.phone.pairing(rig.relay.url);
    await chain.enlist(rig.host, (offer) => rig.account.consent(pairing, { kind: 'enlist', ...offer }));
    await rig.line(rig.relay.url).connected();
    await rig.account.connected(rig.relay.url);
    return { rig, chain };
  }

  /** Begins with what is on the disk, as after a restart. */
  begin(): void {
    const path = this.#folder.at('account.json');
    this.file = new AccountFile(path, this.disk);
    this.account = new HostAccount({
      device: this.device,
      file: this.file,
      path,
      primitives: nodePrimitives,
      clock: this.clock,
      timers: systemTimers,
      fetch: (url, init) => {
        this.onFetch(url);
        return fetch(url, init);
      },
      dialled: (relay) => relay,
      lineTo: (relay) => this.#lines.get(relay) ?? null,
      hold: (relay) => ({ client: this.line(relay), release: () => undefined }),
      isPaired: () => true,
      onState: (state) => {
        this.onState();
        this.states.push(state);
      },
      onReady: () => undefined,
      onAlarm: () => undefined,
      onChange: () => undefined,
      onFault: (error) => this.faults.push(error),
    });
  }

  async openRelay(): Promise<Relay> {
    const logger = pino({ level: 'silent' });
    const own = { host: '127.0.0.1', port: 0, origins: [], store: ':memory:' };
    const relay = await startRelay({ ...own, admission: 'open', logger });
    this.#relays.push(relay);
    return relay;
  }

  async connect(phone: TestPhone, relay: Relay): Promise<void> {
    this.#phones.push(phone);
    await phone.connect(relay.url, this.host, () => this.clock.now());
  }

  /** This computer's line to a relay, opened where there is none. */
  line(relay: string): RelayClient {
    const found = this.#lines.get(relay);
    if (found !== undefined) return found;
    const client = openRelay(this.device, relay);
    this.#lines.set(relay, client);
    client.start();
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.account[Symbol.dispose]();
    for (const phone of this.#phones) phone.leave();
    for (const client of this.#lines.values()) client.close();
    await Promise.all(this.#relays.map((relay) => relay.close()));
    this.#folder[Symbol.dispose]();
  }
}
