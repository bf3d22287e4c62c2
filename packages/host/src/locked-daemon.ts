/**
 * The daemon of a computer whose device keys are locked. It connects to nothing and asks nobody: its agent lists the
 * phones' keys, says in the person's terminal why it signs with none of them, and passes on what is for other keys; its
 * control socket takes the passphrase.
 */
import type { PublicDevice } from '@palmkey/core/devices';
import { toHex } from '@palmkey/envelope';
import type { Claims } from './claims/claims.ts';
import { openClaims } from './claims/open-claims.ts';
import { Changes } from './changes.ts';
import { type Clock, systemClock } from './clock.ts';
import { ControlError } from './control/control-error.ts';
import type { KeyFact, LogFact, PhoneFact, StatusFact } from './control/protocol.ts';
import { ControlServer, type Handlers } from './control/server.ts';
import { type DaemonState, openState, startDaemonAgent } from './daemon-state.ts';
import { keyFacts, userKeysOf } from './facts.ts';
import { hostNameOf } from './host-name.ts';
import type { Host, HostOptions } from './host.ts';
import type { Lead } from './key-offers/key-offers.ts';
import type { KeyRuleStore } from './key-offers/key-rules.ts';
import type { KeyUses } from './key-uses/key-uses.ts';
import type { DeviceLock } from './keys/device-lock.ts';
import type { Paths } from './paths.ts';
import { presentHandlers } from './present-handlers.ts';
import type { SignDeps } from './sign-ask.ts';
import type { Agent } from './ssh-agent/agent.ts';
import type { AgentEvent } from './ssh-agent/login-ask.ts';
import { faultEntry, logEntry } from './state/event-log.ts';
import type { Pairing } from './state/pairing-store.ts';
import { privateFolder } from './state/private-folder.ts';

export class LockedDaemon implements Host {
  readonly device: PublicDevice;
  readonly lock: DeviceLock;
  readonly clock: Clock;
  readonly keyRules: KeyRuleStore;
  readonly keyUses: KeyUses;
  readonly #options: HostOptions;
  readonly #at: Paths;
  readonly #release: () => void;
  readonly #startedAt: number;
  readonly #state: DaemonState;
  readonly #claims: Claims;
  readonly #changes = new Changes();
  #agent: Agent | undefined;
  #control: ControlServer | undefined;
  #closing: Promise<void> | undefined;

  /** @throws StateError */
  constructor(options: HostOptions, lock: DeviceLock, at: Paths, release: () => void) {
    this.lock = lock;
    this.device = lock.device();
    this.clock = options.clock ?? systemClock;
    this.#options = options;
    this.#at = at;
    this.#release = release;
    this.#startedAt = this.clock.now();
    const onFault = (error: unknown) => this.log(faultEntry(this.clock.now(), error));
    this.#state = openState(options, at, { reachOf: () => 'unknown', onFault });
    [this.keyRules, this.keyUses] = [this.#state.keyRules, this.#state.keyUses];
    this.#claims = openClaims(at);
  }

  async start(): Promise<void> {
    privateFolder(this.#at.run);
    this.#agent = await startDaemonAgent({
      at: this.#at,
      state: this.#state,
      claims: this.#claims,
      keys: () => userKeysOf(this.#state.pairings.list()),
      signDeps: () => this.signDeps(),
      onEvent: (event) => this.#agentEvent(event),
    });
    this.#control = await ControlServer.listen(this.#at.controlSocket, this.#handlers());
    this.log(logEntry(this.clock.now(), { kind: 'started', outcome: 'locked' }));
  }

  #handlers(): Handlers {
    const locked = () => Promise.reject(new ControlError('keys-locked'));
    return {
      ...presentHandlers(this),
      account: locked,
      'account-leave': locked,
      'account-move': locked,
      pair: locked,
      'pair-code': locked,
      unpair: locked,
      'ping-phone': locked,
    };
  }

  /** Nobody is asked before the keys are open: of phones no more is known than that they are paired. */
  status(): StatusFact {
    const { home, version, appUrl, publicUrl, tryCommand, hostName } = this.#options;
    return {
      version,
      pid: process.pid,
      startedAt: this.#startedAt,
      home,
      device: { id: toHex(this.device.id), name: hostNameOf(hostName) },
      agentSocket: this.#at.agentSocket,
      agentLocked: this.#agent?.lock.locked ?? false,
      deviceKeys: 'locked',
      appUrl,
      publicUrl,
      tryCommand,
      relays: [],
      phones: this.#state.pairings.list().map(unheard),
      account: null,
      pairing: false,
      waiting: [],
    };
  }

  signDeps(): SignDeps {
    return {
      pairings: this.#state.pairings,
      reachOf: () => 'unknown',
      asks: () => 'keys-locked',
      clock: this.clock,
      words: this.#options.progressWords,
      log: (fact) => this.log(fact),
      used: () => undefined,
    };
  }

  userKeys(): KeyFact[] {
    return this.#state.pairings.list().flatMap(keyFacts);
  }

  onChange(listener: () => void): () => void {
    return this.#changes.listen(listener);
  }

  changed(): void {
    this.#changes.tell();
  }

  keysTurned(): void {
    this.#options.onKeys?.();
  }

  log(fact: LogFact): void {
    this.#state.log.append(fact);
  }

  newestLog(limit: number): LogFact[] {
    return this.#state.log.newest(limit);
  }

  leadWith(lead: Lead): Disposable {
    return this.#state.offers.lead(lead);
  }

  look(): Promise<void> {
    return Promise.resolve();
  }

  stop(): void {
    if (this.#options.onStop === undefined) void this.close();
    else this.#options.onStop();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    await this.#agent?.close();
    await this.#control?.[Symbol.asyncDispose]();
    if (this.#control !== undefined) this.log(logEntry(this.clock.now(), { kind: 'stopped' }));
    this.#claims[Symbol.dispose]();
    this.#release();
  }

  #agentEvent(event: AgentEvent): void {
    if (event.kind === 'refused' && event.code !== 'unsupported')
      this.log(logEntry(this.clock.now(), { kind: 'refused', outcome: 'refused', code: event.code }));
    if (event.kind === 'locked' || event.kind === 'unlocked') this.changed();
  }
}

function unheard(pairing: Pairing): PhoneFact {
  return {
    id: toHex(pairing.peer.id),
    name: pairing.peer.name,
    relay: pairing.relay,
    pairedAt: pairing.pairedAt,
    reach: 'unknown',
    lastSeenAt: null,
    software: null,
    protocol: null,
    update: null,
    push: null,
    keys: keyFacts(pairing),
    inAccount: pairing.by === 'chain',
  };
}
