/** The daemon of one computer. It holds no user key; it asks, and says what it asks for. */
import { type DeviceKeys, type DeviceName, publicDevice, type PublicDevice } from '@palmkey/core/devices';
import { PairingError } from '@palmkey/core/pairing';
import { MAX_LIFETIME_MS } from '@palmkey/core/messages';
import { fingerprint } from '@palmkey/core/ssh';
import { equal, toHex } from '@palmkey/envelope';
import { systemTimers, watchNetwork } from '@palmkey/relay-client';
import { settleAt, settlePhones } from './account/account-desk.ts';
import { accountSummary, type Known } from './account/account-facts.ts';
import { HostAccount } from './account/host-account.ts';
import { Moving } from './account/moving.ts';
import { AskPhone } from './ask-phone.ts';
import type { Claims } from './claims/claims.ts';
import { openClaims } from './claims/open-claims.ts';
import { type Clock, systemClock } from './clock.ts';
import { controlHandlers } from './control-handlers.ts';
import type { KeyFact, LogFact, StatusFact } from './control/protocol.ts';
import { ControlError } from './control/control-error.ts';
import { ControlServer } from './control/server.ts';
import { keyFacts, phoneFact, userKeysOf } from './facts.ts';
import { hostNameOf } from './host-name.ts';
import type { Host, HostOptions } from './host.ts';
import { KeyOffers, type Lead } from './key-offers/key-offers.ts';
import { keyRank } from './key-offers/key-rank.ts';
import { KeyRuleStore } from './key-offers/key-rules.ts';
import { KnownServers } from './key-offers/known-servers.ts';
import type { KeyUses, Place } from './key-uses/key-uses.ts';
import { openKeyUses } from './key-uses/open-key-uses.ts';
import { chainPrimitives } from './keys/chain-primitives.ts';
import type { DeviceLock } from './keys/device-lock.ts';
import { nodePrimitives } from './keys/node-primitives.ts';
import { login } from './login.ts';
import { PairingService, type PairOptions } from './pairing-service.ts';
import type { Paths } from './paths.ts';
import { PhoneLines } from './phone-lines.ts';
import { phoneMail } from './phone-mail.ts';
import { networkAddresses } from './network-addresses.ts';
import { nearestFirst } from './presence.ts';
import { openRelay } from './relay-ports.ts';
import type { SignDeps } from './sign-ask.ts';
import { signFile } from './sign-file.ts';
import { type Agent, startAgent } from './ssh-agent/agent.ts';
import type { AgentEvent } from './ssh-agent/login-ask.ts';
import { AccountFile } from './state/account-file.ts';
import { EventLog, faultEntry, logEntry } from './state/event-log.ts';
import { type Pairing, PairingStore } from './state/pairing-store.ts';
import { privateFolder } from './state/private-folder.ts';
import { OutboxFile } from './state/outbox-file.ts';
import { ReplayLog } from './state/replay-log.ts';
import { upstreamReader } from './upstream/upstream-setting.ts';

/** How long the end of the daemon may wait for a pairing that the phone is about to confirm. */
const pairingEndsWithinMs = 3_000;

/** What the relay at home is called in the outbox: its address is another after it has moved. */
const homeRelay = 'home';

/** The parts and how they are tied together. */
export class Daemon implements Host {
  readonly device: PublicDevice;
  readonly keys: DeviceKeys;
  /** The passphrase that locks them, where there is one. */
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
  readonly #pairing: PairingService;
  readonly #replay: ReplayLog;
  readonly #log: EventLog;
  readonly #claims: Claims;
  readonly #offers: KeyOffers;
  readonly #upstream: () => string | null;
  readonly #release: () => void;
  readonly #listeners = new Set<() => void>();
  readonly #startedAt: number;
  #agent: Agent | undefined;
  #control: ControlServer | undefined;
  #stopWatching: () => void = () => undefined;
  #changing = false;
  #started = false;
  /** Nothing is written any more: the folder may be somebody else's. */
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
    this.keys = keys;
    this.lock = lock;
    this.paths = at;
    this.clock = options.clock ?? systemClock;
    this.name = hostNameOf(options.hostName);
    this.#release = release;
    this.#startedAt = this.clock.now();
    this.device = publicDevice(keys.signer.publicKey, keys.agreement.publicKey);
    const disk = options.disk === undefined ? {} : { disk: options.disk };
    this.pairings = new PairingStore(at.pairings, options.disk);
    const outbox = new OutboxFile(at.outbox, options.disk);
    this.#log = new EventLog(at.log, disk);
    this.keyRules = new KeyRuleStore(at.keyRules, options.disk);
    this.keyUses = openKeyUses(at.keyUses, this.#log, options.disk);
    const onFault = (error: unknown) => this.fault(error);
    this.#offers = new KeyOffers({
      rules: this.keyRules,
      servers: new KnownServers(at.servers, options.disk),
      rank: (key) => keyRank(this.pairings.list(), ({ peer }) => this.lines.reachOf(peer.id).reach, key),
      onFault,
    });
    this.#upstream = upstreamReader(at.upstream, options.sshAuthSock ?? null, onFault);
    this.#claims = openClaims(at);
    try {
      this.#replay = new ReplayLog(at.replay, () => this.clock.now(), disk);
    } catch (error) {
      this.#claims[Symbol.dispose]();
      throw error;
    }
    this.accountFile = new AccountFile(at.account, options.disk);
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
      isPaired: (id) => this.pairings.get(id) !== undefined,
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
        pairings: this.pairings,
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
    this.#agent = await startAgent({
      socketPath: this.paths.agentSocket,
      keys: () => userKeysOf(this.nearestFirst()),
      sign: (ask, signal) => login(this.signDeps(), ask, signal),
      signFile: (ask, signal) => signFile(this.signDeps(), ask, signal),
      claims: this.#claims,
      offers: this.#offers,
      upstream: this.#upstream,
      onEvent: (event) => this.#agentEvent(event),
    });
    this.#control = await ControlServer.listen(this.paths.controlSocket, controlHandlers(this));
    this.lines.sync();
    void this.moving.resume();
    this.#stopWatching = watchNetwork(this.clock, networkAddresses, () => this.lines.reconnectNow());
    this.#started = true;
    for (const pairing of this.pairings.list()) this.keepKeys(pairing);
    this.log(logEntry(this.clock.now(), { kind: 'started' }));
  }

  status(): StatusFact {
    const { home, version, appUrl, publicUrl, tryCommand } = this.options;
    return {
      version,
      pid: process.pid,
      startedAt: this.#startedAt,
      home,
      device: { id: toHex(this.device.id), name: this.name },
      agentSocket: this.paths.agentSocket,
      agentLocked: this.#agent?.lock.locked ?? false,
      deviceKeys: this.lock.state(),
      appUrl,
      publicUrl,
      tryCommand,
      relays: this.lines.relays(),
      phones: this.pairings.list().map((pairing) => phoneFact(pairing, this.lines, this.account)),
      account: accountSummary(this.account, this.known(), this.moving.trouble),
      pairing: this.#pairing.running,
      waiting: this.askPhone.waiting(),
    };
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
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells the listeners, once for all changes of a turn. */
  changed(): void {
    if (this.#changing) return;
    this.#changing = true;
    queueMicrotask(() => {
      this.#changing = false;
      for (const listener of this.#listeners) listener();
    });
  }

  log(fact: LogFact): void {
    this.#log.append(fact);
  }

  newestLog(limit: number): LogFact[] {
    return this.#log.newest(limit);
  }

  /** Shows a link and pairs with the phone that opens it. A phone that was paired before takes its own place again. */
  pair(options: Omit<PairOptions, 'store'>): Promise<Pairing> {
    return this.#pairing.pair({ ...options, store: (pairing) => this.#keep(pairing) });
  }

  /**
   * Ends a pairing here and now. A phone of the account is not this computer's to take out. A phone that is there is told; one that is not hears it from the relay, which knows it
   * no more, and where it still does, by a message that waits there.
   * @throws StateError `not-writable`, ControlError `in-account`; then the pairing goes on.
   */
  async unpair(pairing: Pairing): Promise<{ told: boolean }> {
    const isHere = this.lines.reachOf(pairing.peer.id).reach === 'here';
    if (isHere) await this.account.settle(pairing.relay);
    if (this.account.isMember(pairing.peer.id)) return this.#leaveFor(pairing);
    const held = this.lines.hold(pairing.relay);
    try {
      this.drop(pairing);
      const told = isHere && (await this.lines.send(pairing, { kind: 'unpair' }));
      // The relay has no business with a phone that nobody here knows; whoever else paired it has let it in anew.
      const forgotten = await held.client.forgetDevice(pairing.peer.id).then(
        () => true,
        () => false,
      );
      if (!told && !forgotten) {
        await this.lines.send(pairing, { kind: 'unpair' }, { lifetimeMs: MAX_LIFETIME_MS, durable: true });
      }
      return { told };
    } finally {
      held.release();
    }
  }

  /** The account decides who its phones are; a computer that is to have nothing to do with its only one leaves it. */
  async #leaveFor({ peer }: Pairing): Promise<{ told: boolean }> {
    if (!this.account.isOnlyPhone(peer.id)) throw new ControlError('in-account', { phone: peer.name });
    await this.account.leave();
    return { told: true };
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

  async #keep(pairing: Pairing): Promise<void> {
    if (this.#ended) throw new PairingError('cancelled');
    try {
      this.pairings.put(pairing);
    } catch (error) {
      // The phone has stored its side, and would wait for a computer that does not know it.
      if (this.pairings.get(pairing.peer.id) === undefined) await this.lines.send(pairing, { kind: 'unpair' });
      throw error;
    }
    this.keepKeys(pairing);
    this.log(logEntry(this.clock.now(), { kind: 'paired', phone: pairing.peer.name }));
    this.lines.sync();
    void this.lines.greet(pairing);
  }

  /**
   * Forgets a phone; what is open for it fails. `why` is what the log says of it; null: nothing.
   * @throws StateError `not-writable`; then nothing has changed.
   */
  drop(pairing: Pairing, why: (Pick<LogFact, 'kind'> & Partial<LogFact>) | null = { kind: 'unpaired' }): void {
    const kept = this.pairings.get(pairing.peer.id) ?? pairing;
    if (!this.pairings.remove(pairing.peer.id)) return;
    this.keepKeys(kept);
    this.askPhone.forget(pairing, why?.kind === 'revoked' ? 'revoked' : 'unpaired');
    if (why !== null) this.log(logEntry(this.clock.now(), { ...why, phone: pairing.peer.name }));
    this.changed();
    this.beginAnew();
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
      used: (key, place) => this.#used(key, place),
    };
  }

  leadWith(lead: Lead): Disposable {
    return this.#offers.lead(lead);
  }

  /** A phone's keys are remembered beyond their pairing: they have to go from servers too. */
  keepKeys({ peer, userKeys }: Pairing): void {
    this.#remember(() => this.keyUses.keep(userKeys.map((key) => ({ ...key, phone: peer.name }))));
  }

  #used(key: Uint8Array, place: Place): void {
    const holder = this.pairings.list().find(({ userKeys }) => userKeys.some(({ blob }) => equal(blob, key)));
    if (holder !== undefined) this.keepKeys(holder);
    this.#remember(() => this.keyUses.learn(fingerprint(key), place, this.clock.now()));
  }

  /** The keys are to be forgotten: the host begins anew without them. */
  keysTurned(): void {
    this.options.onKeys?.();
  }

  async look(): Promise<void> {
    await this.lines.check();
  }

  /** What cannot be written is no reason to lose a login. */
  #remember(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.fault(error);
    }
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
