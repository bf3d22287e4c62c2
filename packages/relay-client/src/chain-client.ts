import {
  chainSeedGeneration,
  encodeChainBoxesAsk,
  encodeChainPart,
  encodeChainPost,
  encodeChainReadAsk,
  encodeChainWrite,
  FrameError,
  FrameType,
  parseAccountRecords,
  parseChainAnswer,
  parseChainBoxes,
  parseChainWritten,
  type AccountRecord,
  type AccountRecords,
  type ChainBoxes,
  type ChainHead,
  type ChainPart,
  type ChainPost,
  type Frame,
} from '@palmkey/envelope';

/** More answers than the longest chain fills: a relay that goes on is none. */
const MAX_ANSWERS = 1_024;
/** The first generation of the per-user key that has one before it. */
const FIRST_WITH_SEED = 2;

/** Sends an order and resolves with the frame that answers it. */
type Order = (type: FrameType, body: Uint8Array) => Promise<Frame>;

/**
 * What a device can order about the chain that it is on, or joins by a grant (spec/account.md, "At the relay"). All
 * reject with `RelayError` where the relay says no, `no-chain` where the device is not on one as what the order is for,
 * and with `RelayClientError` `not-connected`, `no-answer` or `closed`; each names what is its own.
 */
export class ChainClient {
  readonly #order: Order;

  constructor(order: Order) {
    this.#order = order;
  }

  /**
   * Adds links, whole or not at all; the same again is well too. Rejects with `conflict` where the head is another,
   * `bad-chain`, whose `refusal` says which link and why, `quota`, and `FrameError` `too-large`.
   */
  async post(post: ChainPost): Promise<void> {
    await this.#order(FrameType.chainPost, encodeChainPost(post));
  }

  /**
   * Gives the beginning of a chain in which this device is no member yet, for the post that goes on from it. Rejects
   * with `conflict` where it goes on from another part than the last, or there is a chain; `bad-chain`; `quota`;
   * `unavailable`.
   */
  async part(part: ChainPart): Promise<void> {
    await this.#order(FrameType.chainPart, encodeChainPart(part));
  }

  /** Keeps a grant for ten minutes, by its SHA-256 (32), that lets one device join. Rejects with `conflict`, `quota`. */
  async grant(grantHash: Uint8Array): Promise<void> {
    await this.#order(FrameType.chainGrant, grantHash);
  }

  /** The head of the chain that this device is on, or joins; null where the relay knows of none. */
  async ask(): Promise<ChainHead | null> {
    return parseChainAnswer((await this.#order(FrameType.chainAsk, new Uint8Array(0))).body);
  }

  /** This device's box of the per-user key, null where it has none, and all previous seeds by falling generation. */
  async boxes(): Promise<ChainBoxes> {
    const seeds: Uint8Array[] = [];
    let from = 0;
    for (let answers = 0; answers < MAX_ANSWERS; answers++) {
      const answer = parseChainBoxes((await this.#order(FrameType.chainBoxes, encodeChainBoxesAsk(from))).body);
      seeds.push(...answer.seeds);
      const last = answer.seeds.at(-1);
      const lowest = last === undefined ? FIRST_WITH_SEED : chainSeedGeneration(last);
      if (lowest <= FIRST_WITH_SEED) return { box: answer.box, seeds };
      from = lowest - 1;
    }
    throw new FrameError('bad-frame', 'seeds without end');
  }

  /** All records of account data, by rising revision. */
  async records(): Promise<readonly AccountRecord[]> {
    return (await this.recordsAfter(0)).records;
  }

  /** The records of account data that were written after a revision, and the one that was written last. */
  async recordsAfter(revision: number): Promise<AccountRecords> {
    const records: AccountRecord[] = [];
    let after = revision;
    for (let answers = 0; answers < MAX_ANSWERS; answers++) {
      const body = (await this.#order(FrameType.chainRead, encodeChainReadAsk(after))).body;
      const { latest, records: more } = parseAccountRecords(body);
      const [first] = more;
      const last = more.at(-1);
      if (first === undefined || last === undefined) return { latest, records };
      if (first.revision <= after) throw new FrameError('bad-frame', 'records that were there before');
      records.push(...more);
      after = last.revision;
      if (after === latest) return { latest, records };
    }
    throw new FrameError('bad-frame', 'records without end');
  }

  /**
   * Writes a record of account data in the place of the revision that it names, 0 for none; resolves with the one that it
   * has then. One of no bytes takes the record away. Rejects with `conflict` where another stands there, and with `quota`.
   */
  async write(record: AccountRecord): Promise<number> {
    return parseChainWritten((await this.#order(FrameType.chainWrite, encodeChainWrite(record))).body);
  }
}
