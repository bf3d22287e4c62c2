/**
 * An account's home: a computer's daemon, the one real relay that it and its phones meet at, and a phone that is
 * paired.
 */
import { cpSync, existsSync } from 'node:fs';
import { type Relay, startRelay } from '@palmkey/relay';
import { pino } from 'pino';
import type { StatusFact } from '../control/protocol.ts';
import { AccountStage } from './account-stage.ts';
import { TestAccount } from './test-account.ts';
import { TestPhone } from './test-phone.ts';

/** Relays drain what they were asked for longer than a test need wait: {@link HomeStage.drained}. */
const drained: Promise<void>[] = [];

export class HomeStage extends AccountStage {
  readonly phone = new TestPhone();
  relay!: Relay;
  /** The relay's file. */
  #store = this.folder.at('relay.sqlite');

  static async open(): Promise<HomeStage> {
    const stage = new HomeStage();
    await stage.openRelay();
    await stage.begin(stage.relay.url);
    await stage.welcome(stage.phone);
    return stage;
  }

  async openRelay(port = 0): Promise<void> {
    const logger = pino({ level: 'silent' });
    const own = { host: '127.0.0.1', port, origins: [], store: this.#store };
    this.relay = await startRelay({ ...own, admission: 'open', logger });
  }

  /** Pairs with a phone, which then says that it is there. */
  async welcome(phone: TestPhone): Promise<void> {
    await this.pair(phone);
    await this.arrive(phone);
  }

  /** The phone connects, and says so. */
  async arrive(phone: TestPhone, to = 4): Promise<void> {
    await this.connect(phone, this.relay.url);
    await this.greet(phone, to);
  }

  /** The phone's account, and this computer in it. */
  async enlisted(): Promise<TestAccount> {
    const account = await TestAccount.begin(this.phone);
    await account.enlist(this.host);
    await this.until((status) => status.account?.current === true);
    return account;
  }

  /** Ends the relay, and keeps a copy of its store by that name. */
  async stopRelay(copy: string): Promise<string> {
    await this.relay.close();
    const kept = this.folder.at(`${copy}.sqlite`);
    for (const part of ['', '-wal'].filter((each) => existsSync(`${this.#store}${each}`))) {
      cpSync(`${this.#store}${part}`, `${kept}${part}`);
    }
    return kept;
  }

  /** Starts it at the same address, on that store; the phone is connected to it. */
  async startAgain(on = this.#store): Promise<void> {
    this.#store = on;
    await this.openRelay(Number(new URL(this.relay.url).port));
    this.phone.client.reconnectNow();
    await this.phone.client.connected();
  }

  /** The newest of the log first: what, which phone, by whom. */
  async log(): Promise<unknown[][]> {
    const facts = await this.client.call('log', { limit: 100 });
    return facts.map(({ kind, phone, by }) => [kind, phone, by]);
  }

  override async close(): Promise<void> {
    await super.close();
    drained.push(this.relay.close());
    this.folder[Symbol.dispose]();
  }

  /** Resolves once the relays of all stages have ended; for the end of a file. */
  static async drained(): Promise<void> {
    await Promise.all(drained);
  }
}

/** Which phones a computer has, and which of them are of its account. */
export const phonesOf = ({ phones }: StatusFact) => phones.map(({ name, inAccount }) => [name, inAccount]);
