import { type ChainState, decodeLinks, replay } from '@palmkey/chain';
import type { FollowerDeps } from '@palmkey/core/account';
import { sha256 } from '@palmkey/core/crypto';
import { RelayError } from '@palmkey/envelope';
import { fetchLinks } from '@palmkey/relay-client';
import type { AccountPlace } from '../state/account-file.ts';
import type { HostAccountOptions } from './host-account-options.ts';
import { RelayFeed } from './relay-feed.ts';
import type { SaveChain } from './waiting-saves.ts';

/** How this computer gets at the chains that relays keep. */
export class RelayChains {
  readonly #options: Pick<HostAccountOptions, 'clock' | 'dialled' | 'fetch' | 'lineTo' | 'primitives' | 'timers'>;

  constructor(options: Pick<HostAccountOptions, 'clock' | 'dialled' | 'fetch' | 'lineTo' | 'primitives' | 'timers'>) {
    this.#options = options;
  }

  /** What a follower of an account's chain at that relay works with. */
  follow({ account, relay }: AccountPlace, save: SaveChain): FollowerDeps {
    const { primitives, clock, fetch, timers, dialled, lineTo } = this.#options;
    const feed = new RelayFeed({
      account,
      relay: () => dialled(relay),
      client: () => lineTo(dialled(relay)),
      fetch,
      timers,
    });
    const shelf: FollowerDeps['shelf'] = {
      save: (links, note) =>
        new Promise((resolve) => {
          save(links, note);
          resolve();
        }),
    };
    return { primitives, feed, shelf, now: () => clock.now(), account };
  }

  /** An account's chain as a relay shows it to everybody; null where it has none. Rejects where it gives nothing. */
  async shown({ account, relay }: AccountPlace, signal: AbortSignal): Promise<ChainState | null> {
    const { dialled, fetch, timers, primitives } = this.#options;
    try {
      const { links } = await fetchLinks({ relay: dialled(relay), account, after: 0, fetch, timers, signal });
      return await replay({ ...primitives, sha256 }, decodeLinks(links), null);
    } catch (error) {
      if (error instanceof RelayError && error.code === 'no-chain') return null;
      throw error;
    }
  }
}
