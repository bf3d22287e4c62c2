/** A computer, the first phone of an account, and whoever wants to come in: each the real program. */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { beginJoining, letIn, nameDevice, openAt, readNewcomer, reads } from './account-pages.ts';
import { type BrowserOptions, openBrowser, type PhoneBrowser } from './browser.ts';
import type { Child } from './child.ts';
import { type Daemon, palmkey, startPalmkey, startUp } from './palmkey.ts';
import { pairFresh, type Paired } from './phone.ts';
import { freePort, type TempFolder, tempFolder } from './temp.ts';

export interface NewcomerOptions extends BrowserOptions {
  /** Before the app is loaded. */
  readonly prepare?: (browser: PhoneBrowser) => Promise<void>;
}

export class AccountScene implements AsyncDisposable {
  readonly #temp: TempFolder;
  readonly #relay: Child;
  /** Of the relay, which serves the app too. */
  readonly origin: string;
  readonly daemon: Daemon;
  readonly first: Paired;
  /** The first phone's page; another after its tab was closed. */
  page: Page;
  #opened = 0;

  private constructor(temp: TempFolder, relay: Child, origin: string, daemon: Daemon, first: Paired) {
    this.#temp = temp;
    this.#relay = relay;
    this.origin = origin;
    this.daemon = daemon;
    this.first = first;
    this.page = first.page;
  }

  /** A relay for everybody, a computer, and `First phone`, whose account it is in. */
  static async open(): Promise<AccountScene> {
    const temp = tempFolder();
    const port = await freePort();
    const relay = startPalmkey(join(temp.path, 'relay'), 'relay', '--port', String(port));
    await relay.prints(/palmkey up --relay/);
    const origin = `http://localhost:${port}`;
    const daemon = startUp({ home: join(temp.path, 'home'), port: port + 1, args: ['--relay', origin] });
    const first = await pairFresh(daemon, join(temp.path, 'first'), { device: 'First phone', key: 'First key' });
    return new AccountScene(temp, relay, origin, daemon, first);
  }

  get folder(): string {
    return this.#temp.path;
  }

  /** Where the profile of the newcomer that was opened last is. */
  get lastProfile(): string {
    return join(this.folder, `newcomer-${this.#opened}`);
  }

  /** A browser that has nothing. */
  async stranger({ prepare, ...options }: NewcomerOptions = {}): Promise<PhoneBrowser> {
    this.#opened += 1;
    const browser = await openBrowser(this.lastProfile, options);
    await prepare?.(browser);
    return browser;
  }

  /** One on the page on which one joins. */
  async newcomer(options: NewcomerOptions = {}): Promise<PhoneBrowser> {
    const browser = await this.stranger(options);
    await beginJoining(browser.page, this.origin);
    return browser;
  }

  /** The newcomer names itself, and the first phone is asked: both show the same code. */
  async ask(newcomer: Page, name: string, member = this.page): Promise<void> {
    const code = await nameDevice(newcomer, name);
    const asking = await readNewcomer(member);
    expect(asking.code).toBe(code);
    expect(asking.text).toContain(name);
  }

  /** From its name to the inbox. */
  async finish(newcomer: Page, name: string, member = this.page): Promise<void> {
    await this.ask(newcomer, name, member);
    await letIn(member, newcomer, name);
  }

  /** The first phone lists these, and none of those. */
  async expectListed(names: readonly string[], not: readonly string[] = []): Promise<void> {
    await openAt(this.page, '/devices');
    for (const name of ['First phone', ...names]) {
      await this.page.getByRole('link', { name: new RegExp(`^${name}`) }).waitFor();
    }
    for (const name of not) {
      expect(await this.page.getByRole('link', { name: new RegExp(`^${name}`) }).count()).toBe(0);
    }
  }

  /** What a command prints about the computer, once `isThere` holds. */
  async printed(command: string, isThere: (text: string) => boolean): Promise<string> {
    return printed(this.daemon.home, command, isThere);
  }

  /** Closes the first phone's tab, as a person does, and opens the app in another one. */
  async reopenFirst(): Promise<void> {
    const next = await this.first.browser.context.newPage();
    await this.page.close({ runBeforeUnload: true });
    this.page = next;
    await next.goto(this.origin);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.first[Symbol.asyncDispose]();
    await this.daemon[Symbol.asyncDispose]();
    await this.#relay[Symbol.asyncDispose]();
    this.#temp[Symbol.dispose]();
  }
}

/** What a command prints, once `isThere` holds. Throws with what it printed last. */
export async function printed(home: string, command: string, isThere: (text: string) => boolean): Promise<string> {
  let text = '';
  await expect
    .poll(async () => isThere((text = (await palmkey(home, ...command.split(' '))).output)), {
      timeout: 60_000,
      interval: 500,
    })
    .toBe(true)
    .catch((error: unknown) => {
      throw new Error(`palmkey ${command} says:\n${text}`, { cause: error });
    });
  return text;
}

/** What a panel that ended says: its title, and all of its text with white space squeezed. Throws with what is there. */
export function endedWith(page: Page, title: string | RegExp, timeout = 60_000): Promise<string> {
  return reads(page, title, timeout);
}
