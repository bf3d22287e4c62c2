import { encodeLinks, type Head, parseLinkHash, type SignedLink } from '@palmkey/chain';
import { AccountMaker } from '@palmkey/chain/testing/account-maker';
import { type AccountId, type ChainHead, parseAccountId } from '@palmkey/envelope';
import type { ChainFeed, ChainNote, ChainShelf, SavedChain } from '../account/index.ts';
import { sha256 } from '../crypto/index.ts';
import { fixedDevice } from './fixed-keys.ts';

/** Makes chains of devices whose keys follow from their names. */
export function newMaker(): AccountMaker {
  return new AccountMaker({ sha256, device: fixedDevice });
}

/** The account that a chain's first link makes. */
export function accountOf([eldest]: readonly SignedLink[]): AccountId {
  if (eldest === undefined) throw new RangeError('no links');
  return parseAccountId(sha256(eldest.json).slice(0, 16));
}

/** The head of these links. */
export function headOf(links: readonly SignedLink[]): Head {
  const last = links.at(-1);
  if (last === undefined) throw new RangeError('no links');
  return { seqno: links.length, hash: parseLinkHash(sha256(last.json)) };
}

/** A relay's chain in memory, which says what it is told to say. */
export class MemoryFeed implements ChainFeed {
  links: readonly SignedLink[];
  /** What it says instead of the head of its links. */
  says: ChainHead | null | undefined;
  /** Thrown instead of an answer. */
  fault: Error | null = null;
  /** Called before it answers. */
  before: () => Promise<void> | void = () => undefined;
  readonly asked: string[] = [];

  constructor(links: readonly SignedLink[] = []) {
    this.links = links;
  }

  async head(): Promise<ChainHead | null> {
    this.asked.push('head');
    await this.before();
    if (this.fault) throw this.fault;
    if (this.says !== undefined) return this.says;
    return this.links.length === 0 ? null : { account: accountOf(this.links), ...headOf(this.links) };
  }

  linksAfter(_account: AccountId, seqno: number): Promise<readonly SignedLink[]> {
    this.asked.push(`after ${seqno}`);
    return this.fault ? Promise.reject(this.fault) : Promise.resolve(this.links.slice(seqno));
  }
}

/** A shelf in memory, which keeps what it is given as bytes would be: apart from the giver's. */
export class MemoryShelf implements ChainShelf {
  saved: SavedChain | null = null;
  saves = 0;
  /** Thrown instead of saving. */
  fault: Error | null = null;

  save(added: readonly SignedLink[], note: ChainNote): Promise<void> {
    if (this.fault) return Promise.reject(this.fault);
    encodeLinks(added);
    this.saves += 1;
    this.saved = { links: [...(this.saved?.links ?? []), ...added], ...note };
    return Promise.resolve();
  }
}
