import { encodeLinks, parseLink, parseLinkHash, type Head, type SignedLink } from '@palmkey/chain';
import { AccountMaker } from '@palmkey/chain/testing/account-maker';
import { concat, parseAccountId, type AccountId, type ChainPost } from '@palmkey/envelope';
import { randomBytes } from 'node:crypto';
import { chainPrimitives } from '../chain/primitives.ts';
import { TestDevice } from './test-device.ts';

/** What goes with links: boxes for those devices of one generation, and previous seeds of those generations. */
export interface Beside {
  readonly boxes?: readonly string[];
  readonly generation?: number;
  /** Who made the boxes; the receiver itself where left out. */
  readonly sender?: string;
  readonly seeds?: readonly number[];
}

/** The devices of tests about chains, each with its name; and the chains that they make, right or wrong. */
export class TestPeople {
  readonly #devices = new Map<string, TestDevice>();

  /** The same device for the same name. */
  device(name: string): TestDevice {
    const known = this.#devices.get(name) ?? new TestDevice();
    this.#devices.set(name, known);
    return known;
  }

  /** A chain that a device has begun; nothing of it is posted. */
  async begin(name: string): Promise<TestChain> {
    const maker = new AccountMaker({
      sha256: chainPrimitives.sha256,
      device: (asked) => {
        const { id, signingKey, agreementKey } = this.device(asked);
        const sign = (message: Uint8Array) => this.device(asked).sign(message);
        return { id, signer: { publicKey: signingKey, sign }, agreement: { publicKey: agreementKey } };
      },
    });
    return new TestChain(this, await maker.eldest(name));
  }
}

/** A chain under way: `maker` adds links, `post` takes what was added since the last. */
export class TestChain {
  readonly maker: AccountMaker;
  readonly #people: TestPeople;
  #posted: number;

  constructor(people: TestPeople, maker: AccountMaker, posted = 0) {
    this.#people = people;
    this.maker = maker;
    this.#posted = posted;
  }

  get account(): AccountId {
    return parseAccountId(this.#hashAt(1).slice(0, 16));
  }

  /** Of all links that were made. */
  get head(): Head {
    const seqno = this.maker.links.length;
    return { seqno, hash: this.#hashAt(seqno) };
  }

  /** Another that goes on from the same links. */
  fork(): TestChain {
    return new TestChain(this.#people, this.maker.fork(), this.#posted);
  }

  /** The links that were made since the last post, with what goes with them. */
  post(beside: Beside = {}): ChainPost {
    const from = this.#posted;
    this.#posted = this.maker.links.length;
    return this.postOf(from, this.maker.links.slice(from), beside);
  }

  /** Links from a place on, whatever was posted. */
  postOf(from: number, links: readonly SignedLink[], beside: Beside = {}): ChainPost {
    const { boxes = [], generation = 1, sender, seeds = [] } = beside;
    const prev = from === 0 ? null : { seqno: from, hash: this.#hashAt(from) };
    return {
      prev,
      links: encodeLinks(links),
      boxes: boxes.map((name) => this.box(generation, sender ?? name, name)),
      seeds: seeds.map((of) => concat(u32(of), new Uint8Array(randomBytes(72)))),
    };
  }

  /** A box that nobody can open. */
  box(generation: number, sender: string, receiver: string): Uint8Array {
    const ids = [sender, receiver].map((name) => this.#people.device(name).id);
    return concat(u32(generation), ...ids, new Uint8Array(randomBytes(72)));
  }

  #hashAt(seqno: number): ReturnType<typeof parseLinkHash> {
    const json = this.maker.links[seqno - 1]?.json;
    if (json === undefined || parseLink(json).is !== 'link') throw new RangeError('no such link');
    return parseLinkHash(chainPrimitives.sha256(json));
  }
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}
