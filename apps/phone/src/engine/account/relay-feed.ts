import { decodeLinks, type SignedLink } from '@palmkey/chain';
import type { ChainFeed } from '@palmkey/core/account';
import type { AccountId, ChainHead } from '@palmkey/envelope';
import type { ChainOrders, EnginePorts } from '../ports.ts';
import { NotConnectedError } from '../until-admitted.ts';

/** The account's chain at the relay that is asked now. */
export class RelayFeed implements ChainFeed {
  readonly #ports: Pick<EnginePorts, 'fetchLinks'>;
  /** An origin; null: nothing can be asked. */
  relay: string | null = null;
  /** The orders about chains at a relay; null while there is no connection. */
  chainAt: (relay: string) => ChainOrders | null = () => null;

  constructor(ports: Pick<EnginePorts, 'fetchLinks'>) {
    this.#ports = ports;
  }

  async head(): Promise<ChainHead | null> {
    const chain = this.relay === null ? null : this.chainAt(this.relay);
    if (chain === null) throw new NotConnectedError('no connection');
    return chain.ask();
  }

  async linksAfter(account: AccountId, seqno: number, signal: AbortSignal): Promise<readonly SignedLink[]> {
    if (this.relay === null) throw new NotConnectedError('no relay');
    const { links } = await this.#ports.fetchLinks(this.relay, account, seqno, signal);
    return decodeLinks(links, seqno + 1);
  }
}
