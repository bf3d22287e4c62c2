/**
 * The SSH agent: what `ssh` talks to instead of ssh-agent. It holds no key; each login that passes its own checks
 * (spec/ssh.md) is asked of `sign`, what is for other keys goes to the person's own agent where there is one, and
 * everything else is answered with a failure that asks nobody.
 */
import { createServer } from 'node:net';
import type { ClaimSource } from '../claims/claim.ts';
import { Upstream } from '../upstream/upstream.ts';
import { AgentConnection } from './agent-connection.ts';
import { AgentLock } from './agent-lock.ts';
import { listenPrivately } from './agent-socket.ts';
import { allOffers } from './client-offers.ts';
import type { AgentEvent, FileAsk, LoginAsk, OfferPolicy, SignOutcome, UserKeyView } from './login-ask.ts';

const MAX_CONNECTIONS = 512;

export interface AgentOptions {
  /** At most 103 bytes; its folder is made private, or must be. */
  readonly socketPath: string;
  /** The keys to list, asked for anew each time. */
  readonly keys: () => readonly UserKeyView[];
  /** Asks for a signature. The signal aborts when the client's socket closes and when the agent does. */
  readonly sign: (login: LoginAsk, signal: AbortSignal) => Promise<SignOutcome>;
  /** Asks for the signature of a file, in the same way; without it such requests are refused. */
  readonly signFile?: (file: FileAsk, signal: AbortSignal) => Promise<SignOutcome>;
  /** Who asked, on this computer. */
  readonly claims?: ClaimSource;
  /** The socket of the person's own agent, asked for by each client; null without one. Must not throw. */
  readonly upstream?: () => string | null;
  /** Which keys a server is offered; without it all of them, ours first. */
  readonly offers?: OfferPolicy;
  /** Given where the lock is to outlive the agent, or be shown. */
  readonly lock?: AgentLock;
  readonly onEvent?: (event: AgentEvent) => void;
}

export interface Agent extends AsyncDisposable {
  readonly socketPath: string;
  readonly lock: AgentLock;
  connections(): number;
  /** Takes no more connections, fails what is being asked, answers what was sent, and takes the socket away. */
  close(): Promise<void>;
}

/**
 * Starts the agent and resolves once clients can connect.
 * @throws AgentStartError `agent-running`, `path-too-long`, `not-a-socket`, `listen-failed`
 * @throws StateError when the socket's folder is not a private one.
 */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const lock = options.lock ?? new AgentLock();
  const { upstream } = options;
  const context = {
    keys: options.keys,
    sign: options.sign,
    signFile: options.signFile ?? null,
    upstream: upstream === undefined ? null : new Upstream({ path: upstream, own: options.socketPath }),
    offers: options.offers ?? allOffers,
    lock,
    claims: options.claims ?? null,
    log: options.onEvent ?? (() => undefined),
  };
  const open = new Set<AgentConnection>();
  let number = 0;
  const server = createServer((socket) => {
    const connection = new AgentConnection(socket, ++number, context);
    open.add(connection);
    socket.once('close', () => open.delete(connection));
  });
  server.maxConnections = MAX_CONNECTIONS;
  await listenPrivately(server, options.socketPath);
  let closing: Promise<void> | null = null;
  const close = () => (closing ??= closeAll());
  const closeAll = async () => {
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    await Promise.all([...open].map((connection) => connection.close()));
    await closed;
  };
  return {
    socketPath: options.socketPath,
    lock,
    connections: () => open.size,
    close,
    [Symbol.asyncDispose]: close,
  };
}
