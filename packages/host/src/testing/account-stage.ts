/** A computer's daemon in a folder of its own, and phones that meet it: what tests of the account play on. */
import { type Peer, parseDeviceName } from '@palmkey/core/devices';
import { ControlClient } from '../control/client.ts';
import type { StatusFact } from '../control/protocol.ts';
import type { Host, HostOptions } from '../host.ts';
import { paths, type Paths } from '../paths.ts';
import { startHost } from '../start-host.ts';
import { tempFolder } from './temp-folder.ts';
import type { TestPhone } from './test-phone.ts';

export class AccountStage {
  readonly folder = tempFolder();
  readonly at: Paths = paths(this.folder.at('home'));
  /** What is still open: each is closed, the last one first. */
  readonly closing: (() => unknown)[] = [];
  options!: HostOptions;
  daemon!: Host;
  client!: ControlClient;
  /** The computer as phones know it. */
  host!: Peer;

  /** Starts the daemon with that home relay, for the first time. */
  async begin(relay: string): Promise<void> {
    this.options = {
      home: this.at.home,
      relay,
      appUrl: null,
      publicUrl: null,
      tryCommand: null,
      version: '0.1.0',
      hostName: 'laptop',
      progressWords: ({ is }) => is,
    };
    await this.start();
  }

  async start(): Promise<void> {
    const daemon = await startHost(this.options);
    this.daemon = daemon;
    this.closing.push(() => daemon.close());
    this.client = await ControlClient.connect(this.at.controlSocket);
    this.host = { ...daemon.device, name: parseDeviceName('laptop'), role: 'asks' };
  }

  async restart(): Promise<void> {
    await this.daemon.close();
    await this.start();
  }

  /** The phone uses a link of this computer, and the person types its code. */
  async pair(phone: TestPhone): Promise<void> {
    const { client } = this;
    let code = '';
    await client.call('pair', {}, (event) => {
      if (event.is === 'link') void phone.pair(event.url, (digits) => (code = digits)).catch(() => undefined);
      if (event.is === 'code-wanted') void type();
    });
    async function type(): Promise<void> {
      while (code === '') await new Promise(setImmediate);
      await client.call('pair-code', { code });
    }
  }

  async connect(phone: TestPhone, relay: string): Promise<void> {
    await phone.connect(relay, this.host, () => Date.now());
    this.closing.push(() => phone.leave());
  }

  /** The phone says that it is there, and what it speaks. */
  async greet(phone: TestPhone, to: number): Promise<void> {
    await phone.say(this.host, { kind: 'speaks', from: 1, to });
    await phone.say(this.host, phone.here());
    await this.until(({ phones }) => phones.some(({ name, reach }) => name === phone.name && reach === 'here'));
  }

  /** The daemon's status once it is so. */
  async until(found: (status: StatusFact) => boolean): Promise<StatusFact> {
    const watcher = await ControlClient.connect(this.at.controlSocket);
    try {
      return await new Promise((resolve) => {
        watcher.call('watch', {}, (status) => found(status) && resolve(status)).catch(() => undefined);
      });
    } finally {
      watcher.close();
    }
  }

  /** Closes what is open but the relays: those drain longer than a test need wait, and the folder goes after them. */
  async close(): Promise<void> {
    for (const close of this.closing.splice(0).reverse()) await close();
  }
}
