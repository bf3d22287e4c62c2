/**
 * The daemon of one computer. It holds no user key; it asks, and says what it asks for. What its parts are is
 * elsewhere: this is the one place where they are made and tied together, hence the length.
 */
import { type DeviceKeys, type DeviceName, publicDevice, type PublicDevice } from '@palmkey/core/devices';
import { systemTimers, watchNetwork } from '@palmkey/relay-client';
import { settleAt, settlePhones } from './account/account-desk.ts';
import type { Known } from './account/account-facts.ts';
import { HostAccount } from './account/host-account.ts';
import { Moving } from './account/moving.ts';
import { AskPhone } from './asking/ask-phone.ts';
import type { Claims } from './claims/claims.ts';
import { openClaims } from './claims/open-claims.ts';
import { Changes } from './changes.ts';
import { type Clock, systemClock } from './clock.ts';
import { controlHandlers } from './control-handlers.ts';
import type { KeyFact, LogFact, StatusFact } from './control/protocol.ts';
import { ControlServer } from './control/server.ts';
import { type DaemonState, openState, startDaemonAgent } from './daemon-state.ts';
import { keyFacts, userKeysOf } from './facts.ts';
import { hostNameOf } from './host-name.ts';
import type { Host, HostOptions } from './host.ts';
import type { Lead } from './key-offers/key-offers.ts';
import type { KeyRuleStore } from './key-offers/key-rules.ts';
import type { KeyUses } from './key-uses/key-uses.ts';
import { RememberedKeys } from './key-uses/remembered-keys.ts';
import { chainPrimitives } from './keys/chain-primitives.ts';
import type { DeviceLock } from './keys/device-lock.ts';
import { nodePrimitives } from './keys/node-primitives.ts';
import { keepPairing } from './pairing-desk.ts';
import { PairingService, type PairOptions } from './pairing-service.ts';
import type { Paths } from './paths.ts';
import { PhoneLines } from './lines/phone-lines.ts';
import { phoneMail } from './phone-mail.ts';
import { networkAddresses } from './network-addresses.ts';
import { nearestFirst } from './presence.ts';
import { openRelay } from './lines/relay-ports.ts';
import type { SignDeps } from './sign-ask.ts';
import type { Agent } from './ssh-agent/agent.ts';
import type { AgentEvent } from './ssh-agent/login-ask.ts';
import { AccountFile } from './state/account-file.ts';
import { faultEntry, logEntry } from './state/event-log.ts';
import type { Pairing, PairingStore } from './state/pairing-store.ts';
import { privateFolder } from './state/private-folder.ts';
import { OutboxFile } from './state/outbox-file.ts';
import { ReplayLog } from './state/replay-log.ts';
import { statusOf } from './status.ts';

/** How long the end of the daemon may wait for a pairing that the phone is about to confirm. */
const pairingEndsWithinMs = 3_000;

/** What the relay at home is called in the outbox: its address is another after it has moved. */
const homeRelay = 'home';

/** The parts and how they are tied together. */
export class Daemon implements Host {
  readonly device: PublicDevice;
  /** The passphrase that locks its keys, where there is one. */
  readonly lock: DeviceLock;
  readonly options: HostOptions;
  readonly paths: Paths;
  readonly clock: Clock;
  /** What phones call this computer. */
  readonly name: DeviceName;
  readonly pairings: PairingStore;
  readonly accountFile: AccountFile;
  readonly account: HostAccount;
  readonly moving: Moving;
  readonly lines: PhoneLines;
  readonly askPhone: AskPhone;
  readonly keyRules: KeyRuleStore;
  readonly keyUses: KeyUses;
  readonly rememberedKeys: RememberedKeys;
  /** Ms since 1970. */
  readonly startedAt: number;
  readonly #state: DaemonState;
  readonly #pairing: PairingService;
  readonly #replay: ReplayLog;
  readonly #claims: Claims;
  readonly #release: () => void;
  readonly #changes = new Changes();
  #agent: Agent | undefined;
  #control: ControlServer | undefined;
  #stopWatching: () => void = () => undefined;
  #started = false;
  #ended = false;
  #closing: Promise<void> | undefined;

  /** @throws StateError */
  constructor(
    options: HostOptions,
    { keys, lock }: { readonly keys: DeviceKeys; readonly lock: DeviceLock },
    at: Paths,
    release: () => void,
  ) {
    this.options = options;
    this.lock = lock;
    this.paths = at;
    this.clock = options.clock ?? systemClock;
    this.name = hostNameOf(options.hostName);
    this.#release = release;
    this.startedAt = this.clock.now();
    this.device = publicDevice(keys.signer.publicKey, keys.agreement.publicKey);
    const onFault = (error: unknown) => this.fault(error);
    const reachOf = ({ peer }: Pairing) => this.lines.reachOf(peer.id).reach;
    this.#state = openState(options, at, { reachOf, onFault });
    const { pairings, keyRules, keyUses } = this.#state;
    [this.pairings, this.keyRules, this.keyUses] = [pairings, keyRules, keyUses];
    this.rememberedKeys = new RememberedKeys({ uses: keyUses, pairings, clock: this.clock, onFault });
    const outbox = new OutboxFile(at.outbox, options.disk);
    this.accountFile = new AccountFile(at.account, options.disk);
    // Last, since they hold what has to be let go of.
    this.#claims = openClaims(at);
    try {
      this.#replay = new ReplayLog(
        at.replay,
        () => this.clock.now(),
        options.disk === undefined ? {} : { disk: options.disk },
      );
    } catch (error) {
      this.#claims[Symbol.dispose]();
      throw error;
    }
    this.account = new HostAccount({
      device: keys,
      file: this.accountFile,
      path: at.account,
      primitives: chainPrimitives,
      clock: this.clock,
      timers: systemTimers,
      fetch,
      dialled: (relay) => this.lines.dialled(relay),
      lineTo: (relay) => this.lines.lineTo(relay),
      hold: (relay) => this.lines.hold(relay),
      isPaired: (id) => pairings.get(id) !== undefined,
      onState: (state, isNew) => settlePhones(this, state, isNew),
      onReady: () => this.lines.begin(),
      onAlarm: ({ code }) => this.log(logEntry(this.clock.now(), { kind: 'account-refused', code })),
      onChange: () => this.changed(),
      onFault,
    });
    this.lines = new PhoneLines(
      {
        device: keys,
        name: this.name,
        software: `palmkey ${options.version}`,
        pairings,
        replay: this.#replay,
        primitives: nodePrimitives,
        clock: this.clock,
        homeRelay: options.relay,
        publicUrl: options.publicUrl,
        openRelay: (relay) =>
          relay === options.relay
            ? openRelay(keys, relay, outbox.of(homeRelay), options.grant)
            : openRelay(keys, relay, outbox.of(relay)),
        account: this.account,
        owed: () => [
          ...outbox.relays().map((relay) => (relay === homeRelay ? options.relay : relay)),
          ...(this.account.isActive ? [this.lines.dialled(this.account.place?.relay ?? options.relay)] : []),
        ],
      },
      phoneMail(this),
    );
    this.moving = new Moving({
      account: this.account,
      file: this.accountFile,
      primitives: nodePrimitives,
      clock: this.clock,
      onMoved: (relay, by) => settleAt(this, relay, by),
      onChange: () => this.changed(),
      onFault,
    });
    this.askPhone = new AskPhone({
      clock: this.clock,
      randomBytes: (length) => nodePrimitives.randomBytes(length),
      agreed: (id) => this.lines.reachOf(id).agreed,
      send: (pairing, content, how) => this.lines.send(pairing, content, how),
      push: (pairing, content, lifetimeMs) => this.lines.push(pairing, content, lifetimeMs),
      onChange: () => this.changed(),
    });
    this.#pairing = new PairingService({
      device: keys,
      name: this.name,
      clock: this.clock,
      relay: (origin) => this.lines.hold(origin),
      onChange: () => this.changed(),
    });
  }

  async start(): Promise<void> {
    await this.account.open();
    privateFolder(this.paths.run);
    this.#agent = await startDaemonAgent({
      at: this.paths,
      state: this.#state,
      claims: this.#claims,
      keys: () => userKeysOf(this.nearestFirst()),
      signDeps: () => this.signDeps(),
      onEvent: (event) => this.#agentEvent(event),
    });
    this.#control = await ControlServer.listen(this.paths.controlSocket, controlHandlers(this));
    this.lines.sync();
    void this.moving.resume();
    this.#stopWatching = watchNetwork(this.clock, networkAddresses, () => this.lines.reconnectNow());
    this.#started = true;
    for (const pairing of this.pairings.list()) this.rememberedKeys.keep(pairing);
    this.log(logEntry(this.clock.now(), { kind: 'started' }));
  }

  status(): StatusFact {
    return statusOf(this);
  }

  get isAgentLocked(): boolean {
    return this.#agent?.lock.locked ?? false;
  }

  get isPairing(): boolean {
    return this.#pairing.running;
  }

  /** Nothing is written any more: the folder may be somebody else's. */
  get isEnded(): boolean {
    return this.#ended;
  }

  /** Whom this computer knows by name. */
  known(): Known {
    const { names } = this.accountFile;
    return { self: { id: this.device.id, name: this.name }, pairings: this.pairings.list(), names };
  }

  userKeys(): KeyFact[] {
    return this.pairings.list().flatMap(keyFacts);
  }

  onChange(listener: () => void): () => void {
    return this.#changes.listen(listener);
  }

  changed(): void {
    this.#changes.tell();
  }

  log(fact: LogFact): void {
    this.#state.log.append(fact);
  }

  newestLog(limit: number): LogFact[] {
    return this.#state.log.newest(limit);
  }

  /** Shows a link and pairs with the phone that opens it. A phone that was paired before takes its own place again. */
  pair(options: Omit<PairOptions, 'store'>): Promise<Pairing> {
    return this.#pairing.pair({ ...options, store: (pairing) => keepPairing(this, pairing) });
  }

  /** Out of its account, and known to no phone: what calls this is answered first. */
  beginAnew(): void {
    if (this.accountFile.isOver && this.pairings.list().length === 0) setImmediate(() => this.options.onOver?.());
  }

  /** Somebody asked for the end. */
  stop(): void {
    if (this.options.onStop === undefined) void this.close();
    else this.options.onStop();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#stopWatching();
    await this.#agent?.close();
    await this.askPhone.close();
    await this.#control?.[Symbol.asyncDispose]();
    await this.#pairingEnd();
    this.moving[Symbol.dispose]();
    this.account[Symbol.dispose]();
    await this.lines[Symbol.asyncDispose]();
    if (this.#started) this.log(logEntry(this.clock.now(), { kind: 'stopped' }));
    this.#ended = true;
    this.#claims[Symbol.dispose]();
    this.#replay[Symbol.dispose]();
    this.#release();
  }

  /** A phone that has confirmed is stored; its computer's end cancels it before that. */
  #pairingEnd(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.clock.after(pairingEndsWithinMs, resolve);
      void this.#pairing.idle().then(() => {
        cancel();
        resolve();
      });
    });
  }

  /** The pairings, those whose phone is there first: their keys are what ssh is to try first. */
  nearestFirst(): Pairing[] {
    return nearestFirst(this.pairings.list(), ({ peer }) => this.lines.reachOf(peer.id));
  }

  /** What asking for signatures needs of the daemon. */
  signDeps(): SignDeps {
    const { pairings, clock } = this;
    const reachOf = (pairing: Pairing) => this.lines.reachOf(pairing.peer.id).reach;
    return {
      pairings,
      reachOf,
      asks: () => (this.account.alarm === null ? this.askPhone : 'account-refused'),
      clock,
      words: this.options.progressWords,
      log: (fact) => this.log(fact),
      used: (key, place) => this.rememberedKeys.used(key, place),
    };
  }

  leadWith(lead: Lead): Disposable {
    return this.#state.offers.lead(lead);
  }

  /** The keys are to be forgotten: the host begins anew without them. */
  keysTurned(): void {
    this.options.onKeys?.();
  }

  async look(): Promise<void> {
    await this.lines.check();
  }

  /** Something of this computer's own went wrong, and what it was for came to nothing. */
  fault(error: unknown): void {
    this.log(faultEntry(this.clock.now(), error));
  }

  #agentEvent(event: AgentEvent): void {
    if (event.kind === 'refused' && event.code !== 'unsupported') {
      this.log(logEntry(this.clock.now(), { kind: 'refused', outcome: 'refused', code: event.code }));
    }
    if (event.kind === 'not-signed' && event.code === 'internal') this.fault(event.cause);
    if (event.kind === 'locked' || event.kind === 'unlocked') this.changed();
  }
}
