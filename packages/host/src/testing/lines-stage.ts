/** Lines of a computer to a real relay with one phone, and all that they tell, in order. */
import { MemoryReplayStore, type Content } from '@palmkey/core/messages';
import { type Relay, startRelay } from '@palmkey/relay';
import { systemTimers } from '@palmkey/relay-client';
import { pino } from 'pino';
import { HostAccount } from '../account/host-account.ts';
import type { RelayFact } from '../control/protocol.ts';
import { nodePrimitives } from '../keys/node-primitives.ts';
import type { Carriage } from '../lines/carriage.ts';
import { PhoneLines } from '../lines/phone-lines.ts';
import type { PhoneLinesEvents, PhoneLinesOptions } from '../lines/phone-lines-options.ts';
import { openRelay } from '../lines/relay-ports.ts';
import { AccountFile } from '../state/account-file.ts';
import { type Pairing, PairingStore } from '../state/pairing-store.ts';
import { TestClock } from './test-clock.ts';
import { peerOf, testDevice, TestPhone } from './test-phone.ts';
import { tempFolder } from './temp-folder.ts';

/** What the lines have told: `name`, the phone, and what more there is to it. */
export type LinesEvent = readonly [name: string, phone?: string, more?: unknown];

export class LinesStage implements AsyncDisposable {
  readonly clock = new TestClock();
  readonly device = testDevice();
  /** The computer as phones know it. */
  readonly host = peerOf(this.device, 'laptop', 'asks');
  readonly phone = new TestPhone();
  readonly pairings: PairingStore;
  events: LinesEvent[] = [];
  /** Called with each message; what it throws is a fault. */
  onMessage: (pairing: Pairing, content: Content) => void = () => undefined;
  relay!: Relay;
  lines!: PhoneLines;
  readonly #folder = tempFolder();
  readonly #relays: Relay[] = [];
  #look: () => void = () => undefined;

  private constructor() {
    this.clock.setWall(Date.now());
    this.pairings = new PairingStore(this.#folder.at('pairings.json'));
  }

  static async begin(): Promise<LinesStage> {
    const stage = new LinesStage();
    await stage.openRelay();
    stage.pairings.put(stage.phone.pairing(stage.relay.url));
    stage.lines = stage.open();
    return stage;
  }

  /** Starts a relay, which is the home relay of lines that are opened from then on. */
  async openRelay(port = 0, admission: 'open' | 'members' = 'open'): Promise<void> {
    const logger = pino({ level: 'silent' });
    const own = { host: '127.0.0.1', port, origins: [], store: ':memory:' };
    this.relay = await startRelay({ ...own, admission, logger });
    this.#relays.push(this.relay);
  }

  /** Lines as this stage's own; by themselves where the test makes others. */
  open(change: Partial<PhoneLinesOptions> = {}): PhoneLines {
    const { device, host, pairings, clock, relay } = this;
    const options = {
      device,
      name: host.name,
      software: `palmkey ${'9'.repeat(100)}`,
      pairings,
      replay: new MemoryReplayStore(),
      primitives: nodePrimitives,
      clock,
      homeRelay: relay.url,
      publicUrl: 'https://relay.example',
      openRelay: (origin: string) => openRelay(device, origin),
      owed: () => [],
    };
    return new PhoneLines({ ...options, account: this.account(), ...change }, this.#listening());
  }

  /** Opens the lines, and resolves once there is one. */
  async start(): Promise<void> {
    this.lines.sync();
    await this.connected();
  }

  /** Both are connected, and have said so. */
  async meet(): Promise<void> {
    await this.start();
    await this.happened('absent');
    await this.arrive();
    await this.phone.say(this.host, this.phone.here());
    await this.happened('here');
  }

  /** The phone connects. */
  arrive(): Promise<void> {
    return this.phone.connect(this.relay.url, this.host, () => this.clock.now());
  }

  /** Sends the phone a message; whether the relay was given it. */
  send(content: Content, how?: Carriage): Promise<boolean> {
    return this.lines.send(this.phone.pairing(this.relay.url), content, how);
  }

  /** Resolves once `found` is so, looking whenever something happens. */
  async until(found: () => boolean): Promise<void> {
    while (!found()) await new Promise<void>((resolve) => (this.#look = resolve));
  }

  happened(name: string, more?: unknown): Promise<void> {
    return this.until(() => this.told(name).some((event) => more === undefined || event[2] === more));
  }

  connected(): Promise<void> {
    return this.until(() => this.home?.state === 'connected');
  }

  /** Resolves once the home relay's end was seen. */
  async lost(): Promise<void> {
    await this.relay.close();
    await this.until(() => this.home?.state !== 'connected');
  }

  told(name: string): readonly LinesEvent[] {
    return this.events.filter((event) => event[0] === name);
  }

  get home(): RelayFact | undefined {
    return this.lines.relays()[0];
  }

  get reach() {
    return this.lines.reachOf(this.phone.device.id).reach;
  }

  /** An account that this computer is in none of. */
  account(): HostAccount {
    const path = this.#folder.at('account.json');
    return new HostAccount({
      device: this.device,
      file: new AccountFile(path),
      path,
      primitives: nodePrimitives,
      clock: this.clock,
      timers: systemTimers,
      fetch,
      dialled: (origin) => this.lines.dialled(origin),
      lineTo: (origin) => this.lines.lineTo(origin),
      hold: (origin) => this.lines.hold(origin),
      isPaired: () => true,
      onState: () => undefined,
      onReady: () => this.lines.begin(),
      onAlarm: () => undefined,
      onChange: () => undefined,
      onFault: (error) => this.#tell('fault', undefined, error),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.phone.leave();
    await this.lines[Symbol.asyncDispose]();
    for (const relay of this.#relays) await relay.close();
    this.#folder[Symbol.dispose]();
  }

  #tell(...event: LinesEvent): void {
    this.events.push(event);
    this.#look();
  }

  #listening(): PhoneLinesEvents {
    return {
      onMessage: (pairing, content) => {
        this.#tell('message', pairing.peer.name, content.kind);
        this.onMessage(pairing, content);
      },
      onHere: ({ peer }) => this.#tell('here', peer.name),
      onAbsent: ({ peer }) => this.#tell('absent', peer.name),
      onSkew: ({ peer }, { kind }, skewMs) => this.#tell('skew', peer.name, [kind, Math.round(skewMs / 60_000)]),
      onNotUnderstood: ({ peer }) => this.#tell('not-understood', peer.name),
      onChange: () => this.#tell('change'),
      onFault: (error) => this.#tell('fault', undefined, error),
    };
  }
}
