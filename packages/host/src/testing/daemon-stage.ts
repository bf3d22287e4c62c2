/** A daemon in a folder of its own, beside a real relay, on a disk that can be full; and those who talk to it. */
import type { Peer } from '@palmkey/core/devices';
import { type Relay, startRelay } from '@palmkey/relay';
import { pino } from 'pino';
import { ControlClient } from '../control/client.ts';
import type { PairEvent, StatusFact } from '../control/protocol.ts';
import type { Host, HostOptions } from '../host.ts';
import { type Paths, paths } from '../paths.ts';
import { startHost } from '../start-host.ts';
import { tempFolder } from './temp-folder.ts';
import { TestDisk } from './test-disk.ts';
import type { TestPhone } from './test-phone.ts';

/** Relays drain what they were asked for longer than a test need wait: {@link DaemonStage.drained}. */
const drained: Promise<void>[] = [];

export class DaemonStage {
  readonly folder = tempFolder();
  readonly at: Paths = paths(this.folder.at('home'));
  readonly disk = new TestDisk();
  /** What is still open: each is closed, the last one first. */
  readonly closing: (() => unknown)[] = [];
  relay!: Relay;
  options!: HostOptions;

  static async open(): Promise<DaemonStage> {
    const stage = new DaemonStage();
    const logger = pino({ level: 'silent' });
    const own = { host: '127.0.0.1', port: 0, origins: [], store: ':memory:' };
    stage.relay = await startRelay({ ...own, admission: 'open', logger });
    stage.options = {
      home: stage.at.home,
      relay: stage.relay.url,
      appUrl: null,
      publicUrl: null,
      tryCommand: null,
      version: '0.1.0',
      hostName: 'laptop',
      progressWords: ({ is }) => is,
      disk: stage.disk,
    };
    return stage;
  }

  async start(): Promise<Host> {
    const host = await startHost(this.options);
    this.closing.push(() => host.close());
    return host;
  }

  /** A connection to the control socket. */
  async control(): Promise<ControlClient> {
    const client = await ControlClient.connect(this.at.controlSocket);
    this.closing.push(() => client.close());
    return client;
  }

  async close(): Promise<void> {
    for (const close of this.closing.splice(0).reverse()) await close();
    drained.push(this.relay.close());
    this.folder[Symbol.dispose]();
  }

  /** Resolves once the relays of all stages have ended; for the end of a file. */
  static async drained(): Promise<void> {
    await Promise.all(drained);
  }
}

/** Begins a pairing; `url` is its link, `change` stands between the code and what is typed. */
export function pair(client: ControlClient, phone?: TestPhone, change = (code: string) => code) {
  let shown: (url: string) => void = () => undefined;
  const url = new Promise<string>((resolve) => (shown = resolve));
  let code = '';
  let peer: Promise<Peer | undefined> = Promise.resolve(undefined);
  const onEvent = (event: PairEvent) => {
    if (event.is === 'link') {
      shown(event.url);
      if (phone !== undefined) peer = phone.pair(event.url, (digits) => (code = digits)).catch(() => undefined);
    }
    // The phone shows its code when the host has asked for it at the latest; a wrong one is asked for again.
    if (event.is === 'code-wanted') void type();
  };
  const type = async () => {
    while (code === '') await new Promise(setImmediate);
    await client.call('pair-code', { code: change(code) });
  };
  const result = client.call('pair', {}, onEvent);
  result.catch(() => undefined);
  return { url, result, peer: () => peer };
}

/** What the log has, the newest first. */
export const kindsOf = async (client: ControlClient) =>
  (await client.call('log', { limit: 100 })).map(({ kind }) => kind);

/** Resolves with the first status that is so. */
export async function until(client: ControlClient, found: (status: StatusFact) => boolean): Promise<StatusFact> {
  return new Promise((resolve) => {
    client.call('watch', {}, (status) => found(status) && resolve(status)).catch(() => undefined);
  });
}
