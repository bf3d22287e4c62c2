/** The host: the daemon of one computer. It holds no user key; it asks, and says what it asks for. */
import { hostname } from 'node:os';
import {
  type DeviceKeys,
  type DeviceName,
  isDeviceName,
  parseDeviceName,
  publicDevice,
  type PublicDevice,
} from '@palmkey/core/devices';
import type { Content } from '@palmkey/core/messages';
import { toHex } from '@palmkey/envelope';
import { AskPhone } from './ask-phone.ts';
import { Claims } from './claims/claims.ts';
import { writeKnownHostsCommand } from './claims/known-hosts-command.ts';
import { type Clock, systemClock } from './clock.ts';
import { controlHandlers } from './control-handlers.ts';
import { ControlClient } from './control/client.ts';
import type { KeyFact, LogFact, StatusFact } from './control/protocol.ts';
import { ControlServer } from './control/server.ts';
import { keyFacts, phoneFact } from './facts.ts';
import { loadDevice } from './keys/device-file.ts';
import { nodePrimitives } from './keys/node-primitives.ts';
import { login, type LoginDeps, type ProgressWords } from './login.ts';
import { PairingService, type PairOptions } from './pairing-service.ts';
import { type Paths, paths } from './paths.ts';
import { PhoneLines } from './phone-lines.ts';
import { openRelay } from './relay-ports.ts';
import { type Agent, startAgent } from './ssh-agent/agent.ts';
import type { AgentEvent } from './ssh-agent/login-ask.ts';
import { EventLog } from './state/event-log.ts';
import { type Pairing, PairingStore } from './state/pairing-store.ts';
import { privateFolder } from './state/private-folder.ts';
import { ReplayLog } from './state/replay-log.ts';
import { holdFolder } from './state/single-daemon.ts';

export interface HostOptions {
  /** PALMKEY_HOME; made if need be, with mode 0700. */
  readonly home: string;
  /** Origin of the relay that new pairings meet at. */
  readonly relay: string;
  /** Where this machine's browser finds the app, when one is served here. */
  readonly appUrl: string | null;
  /** Where a phone finds relay and app. */
  readonly publicUrl: string | null;
  readonly tryCommand: string | null;
  readonly version: string;
  /** What phones call this computer. */
  readonly hostName: string;
  /** Words for the person's terminal while ssh waits. */
  readonly progressWords: ProgressWords;
  /** Ends the process's wait for signals: somebody called `stop`. */
  readonly onStop?: () => void;
  readonly clock?: Clock;
}

export interface Host extends AsyncDisposable {
  readonly device: PublicDevice;
  status(): StatusFact;
  /** Calls back whenever {@link status} would say something else; the result ends it. */
  onChange(listener: () => void): () => void;
  userKeys(): KeyFact[];
  /** Withdraws what is asked, closes sockets and connections, and lets go of the folder. */
  close(): Promise<void>;
}

/**
 * Starts the daemon on a folder.
 * @throws StateError `already-running`, `bad-permissions`, `state-broken`, `newer-state`, `not-writable`
 * @throws AgentStartError when the agent's socket cannot be had.
 */
export async function startHost(options: HostOptions): Promise<Host> {
  const device = loadDevice(options.home);
  const at = paths(options.home);
  const hold = await holdFolder(at.lock, () => answers(at.controlSocket));
  try {
    const host = new Daemon(options, device, at, () => hold.release());
    await host.start();
    return host;
  } catch (error) {
    hold.release();
    throw error;
  }
}

async function answers(controlSocket: string): Promise<boolean> {
  try {
    (await ControlClient.connect(controlSocket)).close();
    return true;
  } catch {
    return false;
  }
}

/** The parts and how they are tied together. */
export class Daemon implements Host {
  readonly device: PublicDevice;
  readonly keys: DeviceKeys;
  readonly options: HostOptions;
  readonly paths: Paths;
  readonly clock: Clock;
  readonly pairings: PairingStore;
  readonly lines: PhoneLines;
  readonly askPhone: AskPhone;
  readonly #pairing: PairingService;
  readonly #replay: ReplayLog;
  readonly #log: EventLog;
  readonly #claims: Claims;
  readonly #release: () => void;
  readonly #listeners = new Set<() => void>();
  readonly #startedAt: number;
  #agent: Agent | undefined;
  #control: ControlServer | undefined;
  #changing = false;
  #closing: Promise<void> | undefined;

  constructor(options: HostOptions, keys: DeviceKeys, at: Paths, release: () => void) {
    this.options = options;
    this.keys = keys;
    this.paths = at;
    this.clock = options.clock ?? systemClock;
    this.#release = release;
    this.#startedAt = this.clock.now();
    this.device = publicDevice(keys.signer.publicKey, keys.agreement.publicKey);
    this.pairings = new PairingStore(at.pairings);
    this.#replay = new ReplayLog(at.replay, () => this.clock.now());
    this.#log = new EventLog(at.log);
    writeKnownHostsCommand(at.knownHostsCommand, at.claims);
    this.#claims = new Claims({ path: at.claims });
    this.lines = new PhoneLines(
      {
        device: keys,
        name: () => this.name,
        software: `palmkey ${options.version}`,
        pairings: this.pairings,
        replay: this.#replay,
        primitives: nodePrimitives,
        clock: this.clock,
        homeRelay: options.relay,
        publicUrl: options.publicUrl,
        openRelay: (relay) => openRelay(keys, relay),
      },
      {
        onMessage: (pairing, content) => this.#take(pairing, content),
        onHere: (pairing) => this.askPhone.repeat(pairing),
        onAbsent: (pairing) => this.askPhone.absent(pairing),
        onSkew: (pairing, content, skewMs) => this.#skewed(pairing, content, skewMs),
        onChange: () => this.changed(),
      },
    );
    this.askPhone = new AskPhone({
      clock: this.clock,
      randomBytes: (length) => nodePrimitives.randomBytes(length),
      send: (pairing, content) => this.lines.send(pairing, content),
      onChange: () => this.changed(),
    });
    this.#pairing = new PairingService({
      device: keys,
      name: () => this.name,
      clock: this.clock,
      relay: (origin) => ({ client: this.lines.relay(origin), dialled: this.lines.dialled(origin) }),
    });
  }

  async start(): Promise<void> {
    privateFolder(this.paths.run);
    this.#agent = await startAgent({
      socketPath: this.paths.agentSocket,
      keys: () => this.pairings.list().flatMap(({ userKeys }) => userKeys),
      sign: (ask, signal) => login(this.#loginDeps(), ask, signal),
      claims: this.#claims,
      onEvent: (event) => this.#agentEvent(event),
    });
    this.#control = await ControlServer.listen(this.paths.controlSocket, controlHandlers(this));
    this.lines.sync();
    this.log(logEntry(this.clock.now(), { kind: 'started' }));
  }

  /** What phones call this computer. */
  get name(): DeviceName {
    const { hostName } = this.options;
    return parseDeviceName(isDeviceName(hostName) ? hostName : hostname().slice(0, 64) || 'computer');
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
      appUrl,
      publicUrl,
      tryCommand,
      relays: this.lines.relays(),
      phones: this.pairings.list().map((pairing) => phoneFact(pairing, this.lines)),
      waiting: this.askPhone.waiting(),
    };
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
    const store = (pairing: Pairing) => {
      this.pairings.put(pairing);
      this.log(logEntry(this.clock.now(), { kind: 'paired', phone: pairing.peer.name }));
      this.lines.sync();
    };
    return this.#pairing.pair({ ...options, store });
  }

  /** Ends a pairing here and now; a phone that can be told is told. */
  async unpair(pairing: Pairing): Promise<{ told: boolean }> {
    const told = this.lines.reachOf(pairing.peer.id).reach === 'here';
    await this.lines.send(pairing, { kind: 'unpair' });
    this.#drop(pairing);
    const relay = this.lines.relay(pairing.relay);
    // The relay has no business with a phone that nobody here knows; whoever else paired it has let it in anew.
    await relay.forgetDevice(pairing.peer.id).catch(() => undefined);
    this.lines.sync();
    return { told };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.askPhone.close();
    await this.#agent?.close();
    await this.#control?.[Symbol.asyncDispose]();
    await this.lines[Symbol.asyncDispose]();
    this.log(logEntry(this.clock.now(), { kind: 'stopped' }));
    this.#claims[Symbol.dispose]();
    this.#replay[Symbol.dispose]();
    this.#release();
  }

  #drop(pairing: Pairing): void {
    this.askPhone.forget(pairing);
    if (!this.pairings.remove(pairing.peer.id)) return;
    this.log(logEntry(this.clock.now(), { kind: 'unpaired', phone: pairing.peer.name }));
    this.changed();
  }

  #loginDeps(): LoginDeps {
    const { pairings, askPhone, clock } = this;
    return { pairings, askPhone, clock, words: this.options.progressWords, log: (fact) => this.log(fact) };
  }

  #take(pairing: Pairing, content: Content): void {
    const { id } = pairing.peer;
    switch (content.kind) {
      case 'here':
        return this.#hear(pairing, content);
      case 'received':
        return this.askPhone.received(id, content.hash);
      case 'decision':
        return this.askPhone.decided(id, content.hash, content.answer);
      case 'unpair':
        this.#drop(pairing);
        return this.lines.sync();
      case 'ask':
      case 'settled':
        // The role table has refused these from a phone already.
        return;
    }
  }

  /** A phone tells its name and keys; they are its own to name. */
  #hear(pairing: Pairing, { name, keys }: Extract<Content, { kind: 'here' }>): void {
    const userKeys = keys ?? pairing.userKeys;
    const same =
      name === pairing.peer.name && JSON.stringify(userKeys.map(plain)) === JSON.stringify(pairing.userKeys.map(plain));
    if (same) return;
    this.pairings.put({ ...pairing, peer: { ...pairing.peer, name }, userKeys });
    this.changed();
  }

  /** A message out of time is acted on only to end a request of ours that it names: that costs nobody anything but a retry. */
  #skewed(pairing: Pairing, content: Content, skewMs: number): void {
    if (content.kind !== 'received' && content.kind !== 'decision') return;
    this.askPhone.decided(pairing.peer.id, content.hash, { is: 'refuse', code: 'clock-skew', skew: -skewMs });
  }

  #agentEvent(event: AgentEvent): void {
    if (event.kind === 'refused' && event.code !== 'unsupported') {
      this.log(logEntry(this.clock.now(), { kind: 'refused', outcome: 'refused', code: event.code }));
    }
    if (event.kind === 'locked' || event.kind === 'unlocked') this.changed();
  }
}

function plain({ blob, comment }: { readonly blob: Uint8Array; readonly comment: string }): string[] {
  return [toHex(blob), comment];
}

/** A log entry with nothing in the columns that it has no value for. */
export function logEntry(at: number, known: Partial<LogFact> & Pick<LogFact, 'kind'>): LogFact {
  const none = { user: null, host: null, hostFingerprint: null, phone: null, keyFingerprint: null, outcome: null };
  return { at, ...none, code: null, skewMs: null, tookMs: null, ...known };
}
