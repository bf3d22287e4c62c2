import { ChainError, decodeLinks, encodeLinks, replay, type ChainState, type SignedLink } from '@palmkey/chain';
import {
  CHAIN_SEED_BYTES,
  chainBoxHead,
  chainSeedGeneration,
  concat,
  equal,
  RelayError,
  toHex,
  type AccountId,
  type AccountRecord,
  type AccountRecords,
  type ChainBoxes,
  type ChainHead,
  type ChainPart,
  type ChainPost,
} from '@palmkey/envelope';
import type { Clock } from '../clock.ts';
import { deviceKey } from '../device-key.ts';
import { limits } from '../limits.ts';
import { NamedRates } from '../named-rates.ts';
import type { ChainChange, ChainOrders, ChainUser, DataChange } from '../socket/order-ports.ts';
import type { ChainDataStore } from '../store/chain-data-store.ts';
import type { ChainGrantStore } from '../store/chain-grant-store.ts';
import { isActiveMember, type ChainStore, type StoredChain } from '../store/chain-store.ts';
import { ChainCache } from './chain-cache.ts';
import { type ChainBeginning, ChainParts } from './chain-parts.ts';
import { hasWhatItNeeds, joined, type ChainStep } from './chain-step.ts';
import { Lanes } from './lanes.ts';
import { chainPrimitives } from './primitives.ts';

interface ChainDeskPorts {
  readonly clock: Clock;
  readonly chains: ChainStore;
  readonly grants: ChainGrantStore;
  readonly data: ChainDataStore;
  /** Of all chains together, how many links' replay is remembered; as in {@link limits} where left out. */
  readonly rememberedLinks?: number;
}

/** Why the relay refuses a post that replay finds good. */
type OwnReason = 'not-yours' | 'wrong-boxes';

/** Follows what devices order about chains: replays what they post, and stores it (spec/account.md, "At the relay"). */
export class ChainDesk implements ChainOrders {
  readonly #ports: ChainDeskPorts;
  readonly #cache: ChainCache;
  readonly #lanes = new Lanes();
  readonly #posts: NamedRates;
  readonly #longReplays: NamedRates;
  readonly #reads: NamedRates;
  readonly #parts: ChainParts;

  constructor(ports: ChainDeskPorts) {
    this.#ports = ports;
    this.#cache = new ChainCache(ports.rememberedLinks ?? limits.rememberedLinks);
    this.#posts = new NamedRates(ports.clock, [{ count: limits.chainPostsPerMinute, withinMs: 60_000 }]);
    this.#reads = new NamedRates(ports.clock, [{ count: limits.chainReadsPerMinute, withinMs: 60_000 }]);
    this.#longReplays = new NamedRates(ports.clock, [{ count: limits.longReplaysPerMinute, withinMs: 60_000 }]);
    this.#parts = new ChainParts(ports.clock, {
      maxBytes: limits.chainBytes,
      maxBytesInAll: limits.chainPartsBytes,
      lifetimeMs: limits.chainPartsLifetimeMs,
    });
  }

  async post(by: ChainUser, post: ChainPost): Promise<ChainChange | null> {
    return this.#inTurn(by, () => this.#post(by, post));
  }

  async part(by: ChainUser, part: ChainPart): Promise<void> {
    await this.#inTurn(by, () => this.#part(by, part));
  }

  async grant(by: ChainUser, grantHash: Uint8Array): Promise<void> {
    const { grants, clock } = this.#ports;
    const { id } = await this.#mine(by, 'member');
    await grants.add(grantHash, by.device, id, clock.now());
  }

  async ask(by: ChainUser): Promise<ChainHead | null> {
    const chain = await this.#find(by);
    if (chain === null) return null;
    const standing = by.joins === null ? await this.#ports.chains.standingOf(chain.id, by.device) : null;
    if (by.joins === null && standing?.revoked_by !== null) return null;
    return { account: chain.id, ...chain.head };
  }

  async boxes(by: ChainUser, generation: number): Promise<ChainBoxes> {
    this.#takeRead(by);
    const { id } = await this.#mine(by, 'member or joining');
    return this.#ports.data.boxes(id, by.device, generation);
  }

  async read(by: ChainUser, after: number): Promise<AccountRecords> {
    this.#takeRead(by);
    const { id } = await this.#mine(by, 'member');
    return this.#ports.data.records(id, after);
  }

  async write(by: ChainUser, record: AccountRecord): Promise<DataChange | null> {
    const { id, account } = await this.#mine(by, 'member');
    const revision = await this.#ports.data.write(id, record);
    if (revision === null) return null;
    return { account, word: { account: id, revision }, members: await this.#ports.chains.membersOf(id) };
  }

  /** A chain's links after a seqno, as many as one answer holds, and its head. Throws `RelayError` `no-chain`. */
  async links(account: AccountId, after: number): Promise<{ readonly head: ChainHead; readonly links: Uint8Array }> {
    const chain = await this.#ports.chains.find(account);
    if (chain === null) throw new RelayError('no-chain');
    const { head } = chain;
    const wanted = Math.max(0, head.seqno - after);
    const links = await this.#ports.chains.linksAfter(account, after, limits.maxFetchedBytes, wanted);
    return { head: { account, ...head }, links: concat(...links) };
  }

  /** Those of one account wait for each other: the work of replay that one has done is the next one's. */
  #inTurn<R>(by: ChainUser, work: () => Promise<R>): Promise<R> {
    const waitMs = this.#posts.take(deviceKey(by.device));
    if (waitMs > 0) throw new RelayError('rate-limited', waitMs);
    return this.#lanes.run(toHex(by.joins ?? by.account), work);
  }

  async #part(by: ChainUser, part: ChainPart): Promise<void> {
    if (by.joins !== null) throw new RelayError('no-chain');
    if ((await this.#find(by)) !== null) throw new RelayError('conflict');
    const before = part.prev === null ? null : this.#begunAt(by, part.prev);
    if (part.prev !== null && before === null) throw new RelayError('conflict');
    const links = judged(() => decodeLinks(part.links, (part.prev?.seqno ?? 0) + 1));
    this.#parts.put(by.device, {
      state: await replayed(links, before?.state ?? null),
      links: [...(before?.links ?? []), ...links],
      seeds: [...(before?.seeds ?? []), ...part.seeds],
      bytes: (before?.bytes ?? 0) + part.links.length + part.seeds.length * CHAIN_SEED_BYTES,
    });
  }

  /** What the device has given of a chain that ends there; null where it has not. */
  #begunAt(by: ChainUser, head: ChainPost['prev']): ChainBeginning | null {
    const begun = this.#parts.of(by.device);
    return begun !== null && isSameHead(begun.state, head) ? begun : null;
  }

  async #post(by: ChainUser, post: ChainPost): Promise<ChainChange | null> {
    const { chains, clock } = this.#ports;
    const chain = await this.#find(by);
    const first = (post.prev?.seqno ?? 0) + 1;
    const links = judged(() => decodeLinks(post.links, first));
    if (chain !== null && by.joins === null) {
      const standing = await chains.standingOf(chain.id, by.device);
      if (standing?.revoked_by !== null) throw refusal('not-yours', first);
    }
    if (chain !== null && (await this.#holds(chain, first, links))) return null;
    const begun = chain === null && by.joins === null && post.prev !== null ? this.#begunAt(by, post.prev) : null;
    if (chain === null && begun === null && (by.joins !== null || post.prev !== null)) throw new RelayError('no-chain');
    if (begun === null && !isSameHead(chain, post.prev)) throw new RelayError('conflict');
    const before = chain && (await this.#stateOf(chain));
    const step = { before, after: await replayed(links, begun?.state ?? before) };
    if (!mayPost(by, step)) throw refusal('not-yours', first);
    const boxes = post.boxes.map((bytes) => ({ ...chainBoxHead(bytes), bytes }));
    const seeds = [...(begun?.seeds ?? []), ...post.seeds].map((bytes) => ({
      generation: chainSeedGeneration(bytes),
      bytes,
    }));
    const generations = seeds.map(({ generation }) => generation);
    if (!hasWhatItNeeds(step, boxes, generations)) throw refusal('wrong-boxes', first);
    const all = [...(begun?.links ?? []), ...links];
    const stored = await chains.append({ ...step, by, links: all, boxes, seeds, now: clock.now() });
    this.#parts.drop(by.device);
    this.#cache.put(step.after);
    const { account, head } = step.after;
    return { ...stored, head: { account, ...head } };
  }

  /** An answer is thousands of times as long as its order. */
  #takeRead({ device }: ChainUser): void {
    const waitMs = this.#reads.take(deviceKey(device));
    if (waitMs > 0) throw new RelayError('rate-limited', waitMs);
  }

  /** The chain of the poster's account, or the one that it joins. */
  async #find({ account, joins }: ChainUser): Promise<StoredChain | null> {
    const { chains } = this.#ports;
    return joins === null ? chains.findOfAccount(account) : chains.find(joins);
  }

  /** The same, where the device is there what it has to be. */
  async #mine(by: ChainUser, as: 'member' | 'member or joining'): Promise<StoredChain> {
    const chain = await this.#find(by);
    const standing = chain && (await this.#ports.chains.standingOf(chain.id, by.device));
    const isMember = standing !== null && isActiveMember(standing);
    const isJoining = as === 'member or joining' && by.joins !== null && standing === null;
    if (chain === null || !(isMember || isJoining)) throw new RelayError('no-chain');
    return chain;
  }

  /** Whether these very links are on the chain, in this place. */
  async #holds(chain: StoredChain, first: number, links: readonly SignedLink[]): Promise<boolean> {
    if (first + links.length - 1 > chain.head.seqno) return false;
    const there = await this.#ports.chains.linksAfter(chain.id, first - 1, Infinity, links.length);
    return equal(concat(...there), encodeLinks(links));
  }

  /** The state at a chain's stored head: from what is remembered, where the store goes on from that. */
  async #stateOf(chain: StoredChain): Promise<ChainState> {
    const remembered = this.#cache.get(chain.id);
    const state = (remembered && (await this.#goOn(chain, remembered))) ?? (await this.#fromTheFirst(chain));
    // What is in the store was replayed before it was stored.
    if (state === null) throw new RangeError('a stored chain that replay refuses');
    this.#cache.put(state);
    return state;
  }

  /** Some accounts with long chains could keep the relay replaying: each has others' forgotten by its own. */
  #fromTheFirst(chain: StoredChain): Promise<ChainState | null> {
    const waitMs = chain.head.seqno > limits.longChainLinks ? this.#longReplays.take(toHex(chain.id)) : 0;
    if (waitMs > 0) throw new RelayError('rate-limited', waitMs);
    return this.#goOn(chain, null);
  }

  /** Null where the stored links do not lead from the state to the stored head. */
  async #goOn(chain: StoredChain, from: ChainState | null): Promise<ChainState | null> {
    const seqno = from?.head.seqno ?? 0;
    const missing = chain.head.seqno - seqno;
    if (missing < 0) return null;
    const links = await this.#ports.chains.linksAfter(chain.id, seqno, Infinity, missing);
    try {
      const state =
        from !== null && missing === 0 ? from : await replay(chainPrimitives, decodeLinks(concat(...links)), from);
      return isSameHead(chain, state.head) ? state : null;
    } catch (error) {
      if (error instanceof ChainError) return null;
      throw error;
    }
  }
}

/** A chain is begun by one who decides on it; later it is for those who are there, and for one who comes by this very post. */
function mayPost(by: ChainUser, step: ChainStep): boolean {
  const { before, after } = step;
  if (before === null) return after.find(by.device)?.kind === 'member';
  if (by.joins !== null) return joined(step).some(({ id }) => equal(id, by.device));
  return before.find(by.device) !== undefined;
}

function isSameHead(chain: Pick<StoredChain, 'head'> | null, head: Omit<ChainHead, 'account'> | null): boolean {
  if (chain === null || head === null) return chain === head;
  return chain.head.seqno === head.seqno && equal(chain.head.hash, head.hash);
}

async function replayed(links: readonly SignedLink[], before: ChainState | null): Promise<ChainState> {
  try {
    return await replay(chainPrimitives, links, before);
  } catch (error) {
    throw asRefusal(error);
  }
}

function judged<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw asRefusal(error);
  }
}

function asRefusal(error: unknown): unknown {
  return error instanceof ChainError ? refusal(error.code, error.seqno) : error;
}

function refusal(reason: OwnReason | ChainError['code'], seqno: number): RelayError {
  return new RelayError('bad-chain', 0, { reason, seqno });
}
