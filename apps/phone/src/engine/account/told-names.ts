import { encodeDeviceFacts } from '@palmkey/core/account';
import { type Content, MAX_TOLD_DEVICES } from '@palmkey/core/messages';
import { fromHex, parseDeviceId, toHex } from '@palmkey/envelope';
import type { HexId } from '../../model/hex-id.ts';
import type { Account } from './account.ts';

/** The version from which on computers understand `facts`. */
const FACTS_FROM = 5;

/** What telling names works with. */
export interface ToldNamesDeps {
  readonly account: Account;
  /** The version that a computer and this phone speak; null when there is none. */
  readonly protocol: (id: HexId) => number | null;
  readonly send: (id: HexId, content: Content) => Promise<boolean>;
}

/** Tells the account's computers what its devices are called: they have no per-user key to read it with. */
export class ToldNames {
  readonly #deps: ToldNamesDeps;
  /** What each computer that is there was told last. */
  readonly #told = new Map<HexId, string>();

  constructor(deps: ToldNamesDeps) {
    this.#deps = deps;
  }

  /** The computer is there, perhaps anew. */
  async isThere(id: HexId): Promise<void> {
    this.#told.set(id, '');
    await this.#tell(id);
  }

  /** There may be names that were not told. */
  async refresh(): Promise<void> {
    for (const id of this.#told.keys()) await this.#tell(id);
  }

  async #tell(id: HexId): Promise<void> {
    const { account, protocol, send } = this.#deps;
    if (account.state.find(parseDeviceId(fromHex(id)))?.kind !== 'host' || (protocol(id) ?? 0) < FACTS_FROM) return;
    const devices = this.#facts();
    const now = devices.map((device) => toHex(device.id)).join(' ');
    if (devices.length === 0 || this.#told.get(id) === now) return;
    this.#told.set(id, now);
    await send(id, { kind: 'facts', devices });
  }

  /** Of those that are there, and of those that went last: a computer's log tells of them. */
  #facts(): Extract<Content, { kind: 'facts' }>['devices'] {
    const { account } = this.#deps;
    const { state } = account;
    const last = state.revoked.toSorted((a, b) => b.revoked.seqno - a.revoked.seqno);
    return [...state.active, ...last]
      .flatMap(({ id }) => {
        const row = account.facts(id);
        return row === undefined ? [] : [{ id, facts: encodeDeviceFacts(row), salt: row.salt }];
      })
      .slice(0, MAX_TOLD_DEVICES);
  }
}
