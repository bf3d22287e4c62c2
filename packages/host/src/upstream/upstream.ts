/**
 * The person's own agent behind ours: what it lists comes after our keys, and what is not ours is passed on to it. It is
 * a guest: one that is slow, broken or gone never keeps our own keys from anybody.
 */
import { randomBytes } from 'node:crypto';
import type { UserKeyView } from '../ssh-agent/login-ask.ts';
import { AGENT_REQUEST } from '@palmkey/core/ssh';
import { AgentClient } from './agent-client.ts';
import { AGENT_ID_BYTES, encodeCameThrough, mayGoOn } from './came-through.ts';
import { parseIdentities } from './identities.ts';
import { isSameSocket } from './same-socket.ts';

const LIST_WITHIN_MS = 1000;
/** How long one that did not list in time is left out, so that it costs not every login its second. */
const LEFT_OUT_MS = 10_000;

export interface UpstreamOptions {
  /** The socket of the person's agent, asked for by each client; null without one. Must not throw. */
  readonly path: () => string | null;
  /** Our own socket, which is never its own upstream. */
  readonly own: string;
  readonly listWithinMs?: number;
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
}

/** The upstream of one agent of ours. */
export class Upstream {
  readonly #options: UpstreamOptions;
  readonly #id = randomBytes(AGENT_ID_BYTES);
  #leftOutUntil = Number.NEGATIVE_INFINITY;

  constructor(options: UpstreamOptions) {
    this.#options = options;
  }

  /** For one client of ours; nothing is connected before it is needed. */
  forClient(): UpstreamForClient {
    return new UpstreamForClient({
      listWithinMs: this.#options.listWithinMs ?? LIST_WITHIN_MS,
      leftOut: () => this.#now() < this.#leftOutUntil,
      leaveOut: () => (this.#leftOutUntil = this.#now() + LEFT_OUT_MS),
      connect: (through) => {
        const path = this.#options.path();
        if (path === null || !mayGoOn(through, this.#id) || isSameSocket(path, this.#options.own)) return null;
        return { client: new AgentClient(path), hello: encodeCameThrough([...through, this.#id]) };
      },
    });
  }

  #now(): number {
    return (this.#options.now ?? (() => performance.now()))();
  }
}

interface Shared {
  readonly listWithinMs: number;
  leftOut(): boolean;
  leaveOut(): void;
  connect(through: readonly Uint8Array[]): { readonly client: AgentClient; readonly hello: Uint8Array } | null;
}

/** One connection to the upstream for one client of ours, with the client's binds before everything else. */
export class UpstreamForClient {
  readonly #shared: Shared;
  readonly #binds: Uint8Array[] = [];
  #through: readonly Uint8Array[] = [];
  #client: AgentClient | null = null;
  #ended = false;

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  /** The agents that the client's requests have come through. */
  cameThrough(agents: readonly Uint8Array[]): void {
    this.#through = agents;
  }

  /** Takes a `session-bind` message that was verified: the upstream hears of it before all that comes after. */
  bind(message: Uint8Array): void {
    this.#binds.push(message);
    if (this.#client?.closed === false) void this.#client.ask(message);
  }

  /** Its keys; none when it does not say within a second. Never rejects. */
  async list(): Promise<readonly UserKeyView[]> {
    if (this.#shared.leftOut()) return [];
    const client = this.#connected();
    if (client === null) return [];
    let late: ReturnType<typeof setTimeout> | undefined;
    const tooLate = new Promise<null>((resolve) => {
      late = setTimeout(() => {
        this.#shared.leaveOut();
        client.close();
        resolve(null);
      }, this.#shared.listWithinMs);
    });
    const answer = await Promise.race([client.ask(Uint8Array.of(AGENT_REQUEST.identities)), tooLate]);
    clearTimeout(late);
    try {
      return answer === null ? [] : parseIdentities(answer);
    } catch {
      client.close();
      return [];
    }
  }

  /** The answer to a message, without its length; null where there is no upstream or it ends first. Never rejects. */
  async pass(message: Uint8Array): Promise<Uint8Array | null> {
    return (await this.#connected()?.ask(message)) ?? null;
  }

  /** The client is gone, and so is what it asked for. */
  close(): void {
    this.#ended = true;
    this.#client?.close();
  }

  #connected(): AgentClient | null {
    if (this.#ended) return null;
    if (this.#client?.closed === false) return this.#client;
    const made = this.#shared.connect(this.#through);
    this.#client = made?.client ?? null;
    if (made === null) return null;
    for (const message of [made.hello, ...this.#binds]) void made.client.ask(message);
    return made.client;
  }
}
