import { parsePublicKey } from '@palmkey/core/ssh';
import { type DeviceKeys, publicDevice } from '@palmkey/core/devices';
import { openDevice } from '../../keyring/device-keyring.ts';
import { MemoryStore } from '../../store/memory-store.ts';
import type { PermissionGrant, PhoneSnapshot } from '../../model/model.ts';
import type { LoginView } from '../../model/request-view.ts';
import type { FakeTab } from './fake-browser.ts';
import { FakeBrowser, ORIGIN, until } from './fake-browser.ts';
import { FakeHost } from './fake-host.ts';
import type { LoginOptions } from './login-request.ts';
import { FakeServer, loginRequest } from './login-request.ts';

/** A phone with one key and one computer, connected to each other. */
export class PairedPhone {
  readonly browser: FakeBrowser;
  readonly host: FakeHost;
  readonly server: FakeServer;
  tab: FakeTab;

  private constructor(browser: FakeBrowser, tab: FakeTab, host: FakeHost, server: FakeServer) {
    this.browser = browser;
    this.tab = tab;
    this.host = host;
    this.server = server;
  }

  /** One whose computer speaks version 2. */
  static async createNew(): Promise<PairedPhone> {
    const phone = await PairedPhone.create();
    await phone.host.greet();
    await until('greeted', () => phone.snapshot.computers[0]?.lastSeenAt !== null);
    return phone;
  }

  static async create(browser = new FakeBrowser()): Promise<PairedPhone> {
    const tab = browser.open();
    await until('first run', () => tab.engine.getSnapshot().phase.is === 'first-run');
    await tab.engine.createAccountKey({ deviceName: 'phone', keyName: 'Work' });
    const host = await FakeHost.create(browser.relay(), browser.clock);
    const phone = new PairedPhone(browser, tab, host, await FakeServer.create());
    await phone.addComputer(host);
    return phone;
  }

  /** What waits, of logins alone; oldest first. */
  get logins(): readonly LoginView[] {
    return this.snapshot.waiting.filter((view) => view.kind === 'login');
  }

  get snapshot(): PhoneSnapshot {
    return this.tab.engine.getSnapshot();
  }

  /** The first user key's blob. */
  get key(): Uint8Array {
    const base64 = this.snapshot.keys[0]?.authorizedKeysLine.split(' ')[1] ?? '';
    const blob = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    parsePublicKey(blob);
    return blob;
  }

  /** The phone's own keys. */
  async device(): Promise<DeviceKeys> {
    const store = new MemoryStore(this.browser.tables);
    const row = await store.transact('read', ['device'], (transaction) => transaction.get('device', 'device'));
    if (row === undefined) throw new Error('no device');
    return openDevice(row);
  }

  /** Puts a pairing where a finished one stands, and reloads. */
  async addComputer(host: FakeHost): Promise<void> {
    this.tab.engine.close();
    const store = new MemoryStore(this.browser.tables);
    const device = await this.device();
    host.know(publicDevice(device.signer.publicKey, device.agreement.publicKey));
    await store.transact('write', ['pairings'], (transaction) =>
      transaction.put('pairings', {
        id: host.id,
        signingKey: host.publicDevice.signingKey,
        agreementKey: host.publicDevice.agreementKey,
        hostName: 'laptop',
        givenName: null,
        relay: ORIGIN,
        transcript: new Uint8Array(32),
        phoneSignature: new Uint8Array(64),
        hostSignature: new Uint8Array(64),
        pairedAt: this.browser.clock.now(),
        lastSeenAt: null,
        software: null,
        grant: null,
        speaks: null,
        mutedUntil: null,
      }),
    );
    host.connect();
    await this.open();
    // A computer whose clock is wrong finds the greeting outside its time window.
    await until('greeting', () => host.heard.some(({ kind }) => kind === 'here') || host.faults.length > 0);
  }

  /** The page is loaded again: a new engine on the same browser. */
  async reload(): Promise<void> {
    this.tab.engine.close();
    await this.open();
  }

  async open(): Promise<void> {
    this.tab = this.browser.open();
    await until('ready', () => this.snapshot.phase.is === 'ready');
    await until('connected', () => this.snapshot.computers.every(({ reach }) => reach !== 'connecting'));
  }

  /** An ordinary login to prod.example.org; what is given replaces. */
  login(options: Partial<LoginOptions> = {}) {
    return loginRequest({
      key: this.key,
      now: this.browser.clock.now(),
      servers: [this.server],
      host: { name: 'prod.example.org', port: 22 },
      ...options,
    });
  }

  /** The computer asks, and it waits on the screen; returns the hash. */
  async asked(options: Partial<LoginOptions> = {}): Promise<string> {
    const hash = await this.host.ask(await this.login(options));
    await until('waiting', () => this.waits(hash));
    return hash;
  }

  /** A login that a person approves, with a permission, whose id is returned. */
  async allow(grant: PermissionGrant, options: Partial<LoginOptions> = {}): Promise<string> {
    const hash = await this.asked(options);
    await this.tab.engine.decide(hash, 'approve', grant);
    await this.answer(hash);
    return this.snapshot.aftermath?.permission ?? '';
  }

  /** The computer asks: whether a permission answered, or a person has to. */
  async asks(options: Partial<LoginOptions> = {}): Promise<'signed' | 'asked'> {
    const hash = await this.host.ask(await this.login(options));
    await until('an answer or a screen', () => this.host.decisions(hash).length > 0 || this.waits(hash));
    return this.waits(hash) ? 'asked' : 'signed';
  }

  view(hash: string) {
    return this.snapshot.waiting.find((view) => view.hash === hash);
  }

  waits(hash: string): boolean {
    return this.snapshot.waiting.some((view) => view.hash === hash);
  }

  /** The first answer that reaches the computer. */
  async answer(hash: string) {
    await until('a decision', () => this.host.decisions(hash).length > 0);
    const decision = this.host.decisions(hash)[0];
    if (decision === undefined) throw new Error('no decision');
    return decision.answer;
  }

  line(hash: string) {
    return this.snapshot.history.find((entry) => entry.hash === hash);
  }
}
