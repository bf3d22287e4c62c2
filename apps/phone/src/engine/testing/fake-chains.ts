import {
  ChainError,
  type ChainState,
  decodeLinks,
  encodeLinks,
  isMember,
  replay,
  type SignedLink,
} from '@palmkey/chain';
import { sha256, webPrimitives } from '@palmkey/core/crypto';
import {
  type AccountDataWord,
  type AccountId,
  type AccountRecord,
  type AccountRecords,
  type ChainBoxes,
  type ChainHead,
  type ChainPart,
  type ChainPost,
  chainBoxHead,
  chainSeedGeneration,
  concat,
  type DeviceId,
  equal,
  RelayError,
  toHex,
} from '@palmkey/envelope';
import type { FetchedLinks } from '@palmkey/relay-client';
import type { ChainOrders } from '../ports.ts';

const primitives = { ...webPrimitives, sha256 };

/** A chain as a relay keeps it. */
interface KeptChain {
  links: readonly SignedLink[];
  state: ChainState;
  boxes: readonly Uint8Array[];
  seeds: readonly Uint8Array[];
  readonly records: Map<string, AccountRecord>;
  /** How often they have been written. */
  written: number;
}

/** A chain of which a device has given the beginning. */
interface BegunChain {
  readonly state: ChainState;
  readonly links: readonly SignedLink[];
  readonly seeds: readonly Uint8Array[];
}

/** What {@link FakeChains} tells of a post. */
export interface ChainPosted {
  readonly by: DeviceId;
  readonly head: ChainHead;
  readonly active: readonly DeviceId[];
  readonly revoked: readonly DeviceId[];
}

/** What {@link FakeChains} tells of account data. */
export interface DataWritten {
  readonly by: DeviceId;
  readonly word: AccountDataWord;
  readonly members: readonly DeviceId[];
}

/** The chains of a relay in memory: compare-and-swap on the head, replayed by the real code. */
export class FakeChains {
  readonly #chains = new Map<string, KeptChain>();
  readonly #onPosted: (posted: ChainPosted) => void;
  readonly #onWritten: (written: DataWritten) => void;
  /** Posts that were taken, oldest first. */
  readonly posts: ChainPost[] = [];
  /** Parts that were taken, oldest first. */
  readonly parts: ChainPart[] = [];
  /** What devices have begun and not posted, by their ids, hexadecimal. */
  readonly #beginnings = new Map<string, BegunChain>();
  /** A named fault: every order about chains is answered so. */
  fault: 'unavailable' | null = null;
  /** A named fault: whoever asks for the head, or fetches links, is told of no more links than these. */
  shows = Infinity;
  /** A named fault: whoever asks for the per-user key is given none. */
  withholdsBoxes = false;
  /** A named fault: the head is told as the one of this account. */
  names: AccountId | null = null;
  /** A named fault, when false: it does not know what parts are. */
  knowsParts = true;
  /** A named fault: what was begun is lost before the post that goes on from it, so many times. */
  losesParts = 0;
  /** A named fault: the account into which the relay lets devices has a chain, which they are not on. */
  taken = false;
  /** A named fault: account data is neither read nor written. */
  dataFault: 'unavailable' | null = null;
  /** A named fault: records are shown as they were then, by name. */
  readonly shownRecords = new Map<string, AccountRecord>();
  /** A named fault: what is posted is taken, and the answer is lost. */
  losesAnswers = false;
  /** Accounts of other people at this relay: their devices' ids, hexadecimal. */
  readonly strangers = new Set<string>();

  constructor(onPosted: (posted: ChainPosted) => void, onWritten: (written: DataWritten) => void) {
    this.#onPosted = onPosted;
    this.#onWritten = onWritten;
  }

  /** The state of the one chain that there is; null for none. */
  get state(): ChainState | null {
    return this.#only?.state ?? null;
  }

  get links(): readonly SignedLink[] {
    return this.#only?.links ?? [];
  }

  get records(): ReadonlyMap<string, AccountRecord> {
    return this.#only?.records ?? new Map<string, AccountRecord>();
  }

  /** The relay has lost all account data, and its count. */
  loseRecords(): void {
    const chain = this.#only;
    chain?.records.clear();
    if (chain) chain.written = 0;
  }

  /** Account data was written so often. */
  skipTo(revision: number): void {
    if (this.#only) this.#only.written = revision;
  }

  /** The relay has lost everything. */
  forget(): void {
    this.#chains.clear();
  }

  /** Whether a device was ended by a chain, and is on none. */
  isRevoked(id: DeviceId): boolean {
    return [...this.#chains.values()].some(({ state }) => state.standingOf(id) === 'revoked');
  }

  /** What a device orders over its connection. */
  ordersOf(id: DeviceId): ChainOrders {
    return {
      ask: () => this.#answer(() => this.#headFor(id)),
      post: (post) => this.#answer(() => this.post(id, post)),
      part: (part) => this.#answer(() => this.#part(id, part)),
      boxes: () => this.#answer(() => this.#boxesFor(id)),
      records: () => this.#answer(() => this.#recordsAfter(id, 0).records),
      recordsAfter: (revision) => this.#answer(() => this.#recordsAfter(id, revision)),
      write: (record) => this.#answer(() => this.#write(id, record)),
      grant: () => this.#answer(() => undefined),
    };
  }

  fetch(account: AccountId, after: number): Promise<FetchedLinks> {
    return this.#answer(() => {
      const chain = this.#chains.get(toHex(account));
      if (chain === undefined) throw new RelayError('no-chain');
      return { head: this.#shown(chain), links: encodeLinks(chain.links.slice(after, this.shows)) };
    });
  }

  /** Takes a post as a relay does; for tests also of devices that have no connection here. */
  async post(by: DeviceId, given: ChainPost): Promise<void> {
    const post = this.#whole(by, given);
    const { links, state: before, records } = this.#of(by) ?? this.#begun(by, post);
    const added = decodeLinks(post.links, (post.prev?.seqno ?? 0) + 1);
    const from = post.prev?.seqno ?? 0;
    if (before !== null && added.every(({ json }, i) => equal(links[from + i]?.json ?? new Uint8Array(), json))) return;
    const head = before?.head ?? null;
    if (head?.seqno !== post.prev?.seqno || (head && !equal(head.hash, post.prev?.hash ?? new Uint8Array())))
      throw new RelayError('conflict');
    const state = await replay(primitives, added, before).catch((error: unknown) => {
      if (!(error instanceof ChainError)) throw error;
      throw new RelayError('bad-chain', 0, { reason: error.code, seqno: error.seqno });
    });
    const seqno = head?.seqno ?? 0;
    const refuse = (reason: string): never => {
      throw new RelayError('bad-chain', 0, { reason, seqno: seqno + 1 });
    };
    if (before === null && state.find(by)?.kind !== 'member') refuse('not-yours');
    const joined = state.active.filter((device) => device.added.seqno > seqno);
    if (joined.some(({ id }) => this.strangers.has(toHex(id)))) refuse('other-account');
    const generation = state.perUserKey.generation;
    const former = before?.perUserKey.generation ?? 0;
    const receivers = generation > former ? state.members : joined.filter(isMember);
    const boxes = post.boxes.map(chainBoxHead).filter((box) => box.generation === generation);
    if (!sameIds(boxes.map(({ receiver }) => receiver), receivers.map(({ id }) => id))) refuse('wrong-boxes'); // prettier-ignore
    const needed = Array.from({ length: generation - Math.max(former, 1) }, (_, i) => Math.max(former, 1) + 1 + i);
    if (post.seeds.map(chainSeedGeneration).sort().join() !== needed.sort().join()) refuse('wrong-boxes');
    const kept = this.#of(by);
    if (kept !== null && kept.links.length !== from) throw new RelayError('conflict');
    this.#beginnings.delete(toHex(by));
    this.#chains.set(toHex(state.account), {
      links: [...links, ...added],
      state,
      boxes: generation > former ? post.boxes : [...(kept?.boxes ?? []), ...post.boxes],
      seeds: [...(kept?.seeds ?? []), ...post.seeds],
      records,
      written: kept?.written ?? 0,
    });
    this.posts.push(post);
    this.#onPosted({
      by,
      head: { account: state.account, ...state.head },
      active: state.active.map(({ id }) => id),
      revoked: state.revoked.filter(({ revoked }) => revoked.seqno > seqno).map(({ id }) => id),
    });
    if (this.losesAnswers) throw new RelayError('unavailable');
  }

  async #answer<R>(order: () => R | Promise<R>): Promise<R> {
    await Promise.resolve();
    if (this.fault !== null) throw new RelayError(this.fault);
    return order();
  }

  get #only(): KeptChain | undefined {
    return this.#chains.values().next().value;
  }

  #of(id: DeviceId): KeptChain | null {
    return [...this.#chains.values()].find(({ state }) => state.find(id) !== undefined) ?? null;
  }

  /** With what the device has given before, if it goes on from there. */
  #whole(by: DeviceId, post: ChainPost): ChainPost {
    if (this.losesParts > 0 && this.#beginnings.delete(toHex(by))) this.losesParts -= 1;
    const begun = this.#of(by) === null ? this.#beginnings.get(toHex(by)) : undefined;
    if (begun === undefined || post.prev === null || !equal(begun.state.head.hash, post.prev.hash)) return post;
    const links = concat(encodeLinks(begun.links), post.links);
    return { ...post, prev: null, links, seeds: [...begun.seeds, ...post.seeds] };
  }

  async #part(by: DeviceId, part: ChainPart): Promise<void> {
    if (!this.knowsParts) throw new RelayError('bad-frame');
    const before = part.prev === null ? undefined : this.#beginnings.get(toHex(by));
    const isNext = part.prev === null || (before && equal(before.state.head.hash, part.prev.hash));
    if (this.#of(by) !== null || isNext !== true) throw new RelayError('conflict');
    const added = decodeLinks(part.links, (part.prev?.seqno ?? 0) + 1);
    this.#beginnings.set(toHex(by), {
      state: await replay(primitives, added, before?.state ?? null),
      links: [...(before?.links ?? []), ...added],
      seeds: [...(before?.seeds ?? []), ...part.seeds],
    });
    this.parts.push(part);
  }

  #begun(by: DeviceId, post: ChainPost): Pick<KeptChain, 'links' | 'records'> & { readonly state: null } {
    if (post.prev !== null) throw new RelayError('no-chain');
    if (this.taken) throw new RelayError('bad-chain', 0, { reason: 'not-yours', seqno: 1 });
    if (this.strangers.has(toHex(by))) throw new RelayError('conflict');
    return { links: [], state: null, records: new Map() };
  }

  #headFor(id: DeviceId): ChainHead | null {
    const chain = this.#of(id);
    return chain === null ? null : this.#shown(chain);
  }

  #shown({ state }: KeptChain): ChainHead {
    const seqno = Math.min(this.shows, state.head.seqno);
    return { account: this.names ?? state.account, seqno, hash: state.hashAt(seqno) ?? state.head.hash };
  }

  #boxesFor(id: DeviceId): ChainBoxes {
    const { boxes, seeds } = this.#ofMember(id);
    const own = this.withholdsBoxes ? undefined : boxes.find((box) => equal(chainBoxHead(box).receiver, id));
    return { box: own ?? null, seeds };
  }

  #recordsAfter(id: DeviceId, revision: number): AccountRecords {
    if (this.dataFault !== null) throw new RelayError(this.dataFault);
    const { records, written } = this.#ofMember(id);
    const shown = [...records.values()].map((record) => this.shownRecords.get(record.name) ?? record);
    const later = shown.filter((record) => record.revision > revision).toSorted((a, b) => a.revision - b.revision);
    return { latest: written, records: later };
  }

  #write(id: DeviceId, record: AccountRecord): number {
    if (this.dataFault !== null) throw new RelayError(this.dataFault);
    const chain = this.#ofMember(id);
    const revision = chain.records.get(record.name)?.revision ?? 0;
    if (revision !== record.revision) throw new RelayError('conflict');
    if (record.bytes.length === 0) {
      chain.records.delete(record.name);
      return 0;
    }
    chain.written += 1;
    chain.records.set(record.name, { ...record, revision: chain.written });
    const word = { account: chain.state.account, revision: chain.written };
    this.#onWritten({ by: id, word, members: chain.state.members.map((member) => member.id) });
    return chain.written;
  }

  #ofMember(id: DeviceId): KeptChain {
    const chain = this.#of(id);
    const device = chain?.state.find(id);
    if (!chain || !device || !isMember(device)) throw new RelayError('no-chain');
    return chain;
  }
}

function sameIds(given: readonly DeviceId[], needed: readonly DeviceId[]): boolean {
  return given.map(toHex).sort().join() === needed.map(toHex).sort().join();
}
