/** The hostile relay between the real parts: the relay's program, a computer's daemon, phones in Chromium, ssh and sshd. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { decodeLinks, type SignedLink } from '@palmkey/chain';
import { type DeviceId, fromHex, parseAccountId, parseDeviceId } from '@palmkey/envelope';
import type { AccountFact, StatusFact } from '@palmkey/host/control';
import { fetchLinks, systemTimers } from '@palmkey/relay-client';
import type { Page } from 'playwright-core';
import { expect, vi } from 'vitest';
import { addDevice, beginJoining, letIn, nameDevice, readNewcomer, typeJoining } from '../account-pages.ts';
import { openBrowser, type PhoneBrowser } from '../browser.ts';
import type { Child } from '../child.ts';
import { type Daemon, palmkey, startPalmkey, startUp } from '../palmkey.ts';
import { pairFresh } from '../phone.ts';
import { sshClient, type SshClient } from '../ssh.ts';
import { type Sshd, startSshd } from '../sshd.ts';
import { freePort, tempFolder } from '../temp.ts';
import { HostileRelay } from './hostile-relay.ts';

/** What a person never waits for in vain, ms. */
const SOON = { timeout: 60_000, interval: 250 };

/** A phone of the account, by its name. */
export type PhoneName = 'First phone' | 'Second phone';

export class RealStage implements AsyncDisposable {
  readonly folder: string;
  readonly home: string;
  readonly double: HostileRelay;
  sshd!: Sshd;
  ssh!: SshClient;
  daemon!: Daemon;
  readonly phones = new Map<PhoneName, PhoneBrowser>();
  readonly #temp = tempFolder();
  readonly #relays: Child[] = [];
  #hostPort = 0;

  private constructor(double: HostileRelay) {
    this.double = double;
    this.folder = this.#temp.path;
    this.home = join(this.folder, 'home');
  }

  /** One account with so many phones, and a computer of it. Every connection passes the double. */
  static async open(phones: 1 | 2): Promise<RealStage> {
    const stage = new RealStage(await HostileRelay.start());
    try {
      await stage.#build(phones);
      return stage;
    } catch (error) {
      await stage[Symbol.asyncDispose]();
      throw error;
    }
  }

  get origin(): string {
    return `http://localhost:${this.double.port}`;
  }

  page(name: PhoneName): Page {
    return this.#phone(name).page;
  }

  /** How many logins a phone's pages have signed. */
  signed(name: PhoneName): number {
    return this.#phone(name).signed();
  }

  /** How many logins the server let in. */
  accepted(): number {
    return [...this.sshd.log().matchAll(/Accepted publickey/g)].length;
  }

  startHost(): void {
    this.daemon = startUp({
      home: this.home,
      port: this.#hostPort,
      args: ['--relay', this.origin, ...(this.phones.size > 0 ? ['--no-pair'] : [])],
    });
  }

  async stopHost(): Promise<void> {
    await this.daemon[Symbol.asyncDispose]();
  }

  /** Starts it, and waits until it is there with its first phone. */
  async resumeHost(): Promise<void> {
    this.startHost();
    await this.statusWhere('the first phone', ({ account, phones }) => {
      return account?.current === true && phones.some(({ name, reach }) => name === 'First phone' && reach === 'here');
    });
  }

  async status(): Promise<StatusFact> {
    return JSON.parse((await palmkey(this.home, 'status', '--json')).stdout) as StatusFact;
  }

  /** The computer's status once it is so. */
  async statusWhere(what: string, found: (status: StatusFact) => boolean): Promise<StatusFact> {
    let last: StatusFact | undefined;
    await vi.waitFor(async () => {
      last = await this.status();
      if (!found(last)) throw new Error(`in vain for ${what}: ${JSON.stringify(last.account)}`);
    }, SOON);
    return last ?? expect.unreachable();
  }

  /** What `palmkey status` prints for people. */
  async statusText(): Promise<string> {
    return (await palmkey(this.home, 'status')).output;
  }

  async hostId(): Promise<DeviceId> {
    return parseDeviceId(fromHex((await this.status()).device.id));
  }

  async phoneId(name: PhoneName): Promise<DeviceId> {
    const found = (await this.status()).phones.find((phone) => phone.name === name);
    return parseDeviceId(fromHex(found?.id ?? expect.unreachable()));
  }

  /** The chain as the real relay has it. */
  async links(): Promise<readonly SignedLink[]> {
    const { stdout } = await palmkey(this.home, 'status', '--json');
    const { account } = JSON.parse(stdout) as { account: AccountFact | null };
    const options = {
      relay: `http://127.0.0.1:${this.double.target}`,
      account: parseAccountId(fromHex(account?.id ?? expect.unreachable())),
      after: 0,
      fetch,
      timers: systemTimers,
    };
    return decodeLinks((await fetchLinks(options)).links);
  }

  /** A second relay, which knows what the first knows now and nothing of what comes; its port on loopback. */
  async fork(): Promise<number> {
    const [relay] = this.#relays;
    const port = this.double.target;
    await relay?.[Symbol.asyncDispose]();
    const copy = `relay-${this.#relays.length}`;
    cpSync(join(this.folder, 'relay-0'), join(this.folder, copy), { recursive: true });
    this.#relays[0] = await this.#startRelay('relay-0', port);
    const other = await freePort();
    this.#relays.push(await this.#startRelay(copy, other));
    return other;
  }

  /** From now on the relay is that one: whoever was connected has to connect again. */
  switchTo(port: number): void {
    this.double.target = port;
    this.double.cut();
  }

  /** `ssh server echo in`, in a terminal. */
  login(): Child {
    return this.ssh.startInTerminal('echo', 'logged-in');
  }

  /** The server takes the key of this phone, and no other. */
  async authorize(name: PhoneName): Promise<void> {
    const key = ({ phones }: StatusFact) => phones.find((phone) => phone.name === name)?.keys[0];
    const status = await this.statusWhere(`the key of the ${name}`, (each) => key(each) !== undefined);
    this.sshd.authorize([key(status)?.line ?? expect.unreachable()]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const phone of this.phones.values()) await phone[Symbol.asyncDispose]();
    for (const part of [this.daemon, this.sshd, ...this.#relays] as (AsyncDisposable | undefined)[]) {
      await part?.[Symbol.asyncDispose]();
    }
    await this.double[Symbol.asyncDispose]();
    this.#temp[Symbol.dispose]();
  }

  #phone(name: PhoneName): PhoneBrowser {
    const phone = this.phones.get(name);
    if (phone === undefined) throw new RangeError(`no ${name}`);
    return phone;
  }

  async #startRelay(folder: string, port: number): Promise<Child> {
    const home = join(this.folder, folder);
    const child = startPalmkey(
      home,
      'relay',
      '--port',
      String(port),
      '--public-url',
      this.origin,
      '--drain-time',
      '0s',
    );
    await child.prints(/palmkey up --relay/, 60_000);
    return child;
  }

  async #build(phones: 1 | 2): Promise<void> {
    const port = await freePort();
    this.#relays.push(await this.#startRelay('relay-0', port));
    this.double.target = port;
    this.#hostPort = await freePort();
    this.sshd = await startSshd(join(this.folder, 'sshd'));
    this.startHost();
    const { browser } = await pairFresh(this.daemon, join(this.folder, 'first'), {
      device: 'First phone',
      key: 'First key',
    });
    this.phones.set('First phone', browser);
    await this.statusWhere('the account', ({ account }) => account?.current === true);
    if (phones === 2) await this.#joinSecond(browser.page);
    await this.authorize('First phone');
    this.ssh = sshClient(this.folder, this.home, this.sshd);
  }

  async #joinSecond(first: Page): Promise<void> {
    const second = await openBrowser(join(this.folder, 'second'));
    this.phones.set('Second phone', second);
    await beginJoining(second.page, this.origin);
    await typeJoining(second.page, (await addDevice(first)).words ?? expect.unreachable());
    const code = await nameDevice(second.page, 'Second phone');
    expect((await readNewcomer(first)).code).toBe(code);
    await letIn(first, second.page, 'Second phone');
    await first.goto(this.origin);
    await this.statusWhere('the second phone', (status) => status.phones.some(({ name }) => name === 'Second phone'));
  }
}
