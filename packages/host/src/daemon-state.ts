/** What a daemon has whether or not its keys are open: what it keeps in its folder, and what its agent goes by. */
import type { Claims } from './claims/claims.ts';
import type { HostOptions } from './host.ts';
import { KeyOffers } from './key-offers/key-offers.ts';
import { keyRank } from './key-offers/key-rank.ts';
import { KeyRuleStore } from './key-offers/key-rules.ts';
import { KnownServers } from './key-offers/known-servers.ts';
import type { KeyUses } from './key-uses/key-uses.ts';
import { openKeyUses } from './key-uses/open-key-uses.ts';
import type { Reach } from './lines/reaches.ts';
import { login } from './login.ts';
import type { Paths } from './paths.ts';
import type { SignDeps } from './sign-ask.ts';
import { signFile } from './sign-file.ts';
import { type Agent, type AgentOptions, startAgent } from './ssh-agent/agent.ts';
import { EventLog } from './state/event-log.ts';
import { type Pairing, PairingStore } from './state/pairing-store.ts';
import { upstreamReader } from './upstream/upstream-setting.ts';

export interface DaemonState {
  readonly pairings: PairingStore;
  readonly log: EventLog;
  readonly keyRules: KeyRuleStore;
  readonly keyUses: KeyUses;
  readonly offers: KeyOffers;
  /** The socket of the person's own agent; null without one. */
  readonly upstream: () => string | null;
}

export interface StateDeps {
  readonly reachOf: (pairing: Pairing) => Reach['reach'];
  readonly onFault: (error: unknown) => void;
}

/** @throws StateError */
export function openState(
  { disk, sshAuthSock = null }: Pick<HostOptions, 'disk' | 'sshAuthSock'>,
  at: Paths,
  { reachOf, onFault }: StateDeps,
): DaemonState {
  const pairings = new PairingStore(at.pairings, disk);
  const log = new EventLog(at.log, disk === undefined ? {} : { disk });
  const keyRules = new KeyRuleStore(at.keyRules, disk);
  const offers = new KeyOffers({
    rules: keyRules,
    servers: new KnownServers(at.servers, disk),
    rank: (key) => keyRank(pairings.list(), reachOf, key),
    onFault,
  });
  const upstream = upstreamReader(at.upstream, sshAuthSock, onFault);
  return { pairings, log, keyRules, keyUses: openKeyUses(at.keyUses, log, disk), offers, upstream };
}

export interface DaemonAgentOptions extends Pick<AgentOptions, 'keys' | 'onEvent'> {
  readonly at: Paths;
  readonly state: DaemonState;
  readonly claims: Claims;
  readonly signDeps: () => SignDeps;
}

/**
 * Starts the agent of a daemon: what it is to sign is asked of the phones, or said to be for nobody.
 * @throws AgentStartError
 * @throws StateError when the socket's folder is not a private one.
 */
export function startDaemonAgent({ at, state, claims, signDeps, keys, onEvent }: DaemonAgentOptions): Promise<Agent> {
  const { offers, upstream } = state;
  return startAgent({
    socketPath: at.agentSocket,
    keys,
    sign: (ask, signal) => login(signDeps(), ask, signal),
    signFile: (ask, signal) => signFile(signDeps(), ask, signal),
    claims,
    offers,
    upstream,
    ...(onEvent !== undefined && { onEvent }),
  });
}
