/** An account's chain as its relay gives it, over the connection and over HTTP. */
import { decodeLinks, MAX_CHAIN_LINKS, type SignedLink } from '@palmkey/chain';
import type { ChainFeed } from '@palmkey/core/account';
import { type AccountId, type ChainHead, RelayError } from '@palmkey/envelope';
import { fetchLinks, type FetchedLinks, type LinksFetch, type RelayClient, type Timers } from '@palmkey/relay-client';

export interface RelayFeedOptions {
  readonly account: AccountId;
  /** The relay's URL origin, as this computer dials it. */
  readonly relay: () => string;
  /** Null while there is no line to that relay. */
  readonly client: () => RelayClient | null;
  readonly fetch: LinksFetch;
  readonly timers: Timers;
}

/**
 * The feed of one account. Where the relay takes this computer for no device of the account, or lets it in no more, what
 * it shows to everybody is asked: a computer that was revoked hears there by whom.
 */
export class RelayFeed implements ChainFeed {
  readonly #options: RelayFeedOptions;

  constructor(options: RelayFeedOptions) {
    this.#options = options;
  }

  async head(signal: AbortSignal): Promise<ChainHead | null> {
    const client = this.#options.client();
    const told = client?.state.is === 'connected' ? await client.chain.ask() : null;
    return told ?? this.#publicHead(signal);
  }

  async linksAfter(account: AccountId, seqno: number, signal: AbortSignal): Promise<readonly SignedLink[]> {
    const { links } = await this.#fetch(account, seqno, signal);
    return decodeLinks(links, seqno + 1);
  }

  async #publicHead(signal: AbortSignal): Promise<ChainHead | null> {
    try {
      // With no link: those that are missing are asked for after it.
      return (await this.#fetch(this.#options.account, MAX_CHAIN_LINKS, signal)).head;
    } catch (error) {
      if (error instanceof RelayError && error.code === 'no-chain') return null;
      throw error;
    }
  }

  #fetch(account: AccountId, after: number, signal: AbortSignal): Promise<FetchedLinks> {
    const { relay, fetch, timers } = this.#options;
    return fetchLinks({ relay: relay(), account, after, fetch, timers, signal });
  }
}
