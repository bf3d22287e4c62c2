import { decodeLinks, encodeLinks, type SignedLink } from '@palmkey/chain';
import { encodePerUserBox, parsePreviousSeed, type PreviousSeed } from '@palmkey/core/account';
import type { DeviceKeys } from '@palmkey/core/devices';
import type { ChainSource, JoinPost } from '@palmkey/core/provisioning';
import {
  type AccountId,
  type ChainBoxes,
  type ChainPost,
  equal,
  type Grant,
  PalmkeyError,
  parseGrant,
  RelayError,
  relayErrors,
} from '@palmkey/envelope';
import { type FetchedLinks, Outbox } from '@palmkey/relay-client';
import type { Clock, PhonePorts } from '../ports.ts';
import { untilAdmitted } from '../until-admitted.ts';

/** After a post of which nothing is known, how long until it is tried again, ms. */
const POST_AGAIN_MS = 1_000;

/** A connection of a new device, which its grant lets read the previous seeds and post once. */
export interface ChainConnection {
  readonly chain: {
    boxes(): Promise<Pick<ChainBoxes, 'seeds'>>;
    post(post: ChainPost): Promise<void>;
  };
  /** Resolves when the relay has let it in. Rejects with the relay's error when it refuses, and where there is no way to it. */
  connected(signal: AbortSignal): Promise<void>;
  close(): void;
}

/** How one relay is reached. */
export interface RelayChainPorts {
  readonly clock: Pick<Clock, 'after'>;
  /** All links of a chain, from the first; see relay-client's `fetchLinks`. */
  fetchLinks(account: AccountId, signal: AbortSignal): Promise<FetchedLinks>;
  /** Begins to connect. */
  connect(grant: Grant): ChainConnection;
}

/**
 * An account's chain at a relay, for a device that joins it: links over HTTP, which need no permission, the rest over one
 * connection by the grant.
 */
export class RelayChain implements ChainSource {
  readonly #ports: RelayChainPorts;
  #connection: ChainConnection | null = null;

  constructor(ports: RelayChainPorts) {
    this.#ports = ports;
  }

  async links(account: AccountId, signal: AbortSignal): Promise<readonly SignedLink[]> {
    return decodeLinks((await this.#ports.fetchLinks(account, signal)).links);
  }

  prepare(newSession: Uint8Array): void {
    this.#begin(newSession);
  }

  async previousSeeds(
    _account: AccountId,
    newSession: Uint8Array,
    signal: AbortSignal,
  ): Promise<readonly PreviousSeed[]> {
    const { seeds } = await (await this.#connected(newSession, signal)).chain.boxes();
    return seeds.map(parsePreviousSeed);
  }

  /**
   * Posts, again where a connection broke off. A relay that lets this device in no more has the links on the chain or will
   * never have them: then it is `done` or `conflict` by what it gives of the chain.
   */
  async post(join: JoinPost, signal: AbortSignal): Promise<'done' | 'conflict'> {
    const { prev, links, box } = join;
    const post = { prev, links: encodeLinks(links), boxes: [encodePerUserBox(box)], seeds: [] };
    for (;;) {
      try {
        await (await this.#connected(join.newSession, signal)).chain.post(post);
        return 'done';
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof PalmkeyError)) throw error;
        if (error.code === 'conflict') return 'conflict';
        if (error.code === 'not-admitted') return (await this.#isOnChain(join, signal)) ? 'done' : 'conflict';
        if (error instanceof RelayError && relayErrors[error.code].retry === 'no') throw error;
      }
      // Whether it was taken is not known: the same again is well.
      await this.#ports.clock.after(POST_AGAIN_MS, signal);
    }
  }

  /** Ends its connection, if it has one. */
  close(): void {
    this.#connection?.close();
    this.#connection = null;
  }

  async #connected(newSession: Uint8Array, signal: AbortSignal): Promise<ChainConnection> {
    const connection = this.#begin(newSession);
    await connection.connected(signal);
    return connection;
  }

  #begin(newSession: Uint8Array): ChainConnection {
    return (this.#connection ??= this.#ports.connect(parseGrant(newSession.slice())));
  }

  async #isOnChain({ account, links }: JoinPost, signal: AbortSignal): Promise<boolean> {
    const there = await this.links(account, signal);
    return links.every(({ json }) => there.some((each) => equal(each.json, json)));
  }
}

/** The chain at a relay, which `device` is about to join. */
export function relayChain(
  { connectRelay, fetchLinks, clock }: Pick<PhonePorts, 'clock' | 'connectRelay' | 'fetchLinks'>,
  relay: string,
  device: DeviceKeys,
): RelayChain {
  return new RelayChain({
    clock,
    fetchLinks: (account, signal) => fetchLinks(relay, account, 0, signal),
    connect: (grant) => {
      const link = connectRelay(relay, device, grant, new Outbox());
      link.start();
      return { chain: link.chain, connected: () => untilAdmitted(link, clock), close: () => link.close() };
    },
  });
}
