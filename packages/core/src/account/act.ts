import {
  type Addition,
  type ChainState,
  consent,
  encodeLinks,
  type Head,
  isMember,
  laterLink,
  type LinkAuthor,
  type LinkContent,
  type LinkPlace,
  type LinkSigner,
  parseFactsHash,
  placeAfter,
  placeFollowing,
  replay,
  type SignedLink,
  signLink,
} from '@palmkey/chain';
import { type ChainPost, equal } from '@palmkey/envelope';
import { type Primitives, sha256 } from '../crypto/index.ts';
import { type DeviceKeys, type PublicDevice, publicDevice } from '../devices/index.ts';
import { factsHash, type SaltedFacts, takenName } from './device-facts.ts';
import { DeviceFactsError } from './errors.ts';
import type { PerUserKey } from './per-user-key.ts';
import {
  encodePerUserBox,
  encodePreviousSeed,
  type PerUserBox,
  type PreviousSeed,
  sealPerUserBox,
} from './per-user-key-records.ts';

/** Who does something on a chain. */
export interface Actor {
  readonly primitives: Primitives;
  readonly device: DeviceKeys;
  /** Of this device's clock, ms. */
  readonly ctime: number;
}

/** What is posted to a chain as one (spec/account.md, "A post"). Nothing has happened before it is there. */
export interface ChainAct {
  /** The head that the links go on from; null where they begin the chain. */
  readonly prev: Head | null;
  readonly links: readonly SignedLink[];
  readonly boxes: readonly PerUserBox[];
  readonly seeds: readonly PreviousSeed[];
  /** The chain with these links. */
  readonly after: ChainState;
}

/** The same as the relay takes it. */
export function chainPost({ prev, links, boxes, seeds }: Omit<ChainAct, 'after'>): ChainPost {
  return {
    prev,
    links: encodeLinks(links),
    boxes: boxes.map(encodePerUserBox),
    seeds: seeds.map(encodePreviousSeed),
  };
}

/** The public half of a device's keys. */
export function publicOf({ signer, agreement }: DeviceKeys): PublicDevice {
  return publicDevice(signer.publicKey, agreement.publicKey);
}

/** A device as a link names it. */
export function linkDevice({ agreementKey, id, signingKey }: PublicDevice, facts: SaltedFacts) {
  return { agreementKey, facts: parseFactsHash(factsHash(facts)), id, signingKey };
}

/** Throws {@link DeviceFactsError} `name-taken` if a device of the account has, or had, this name. */
export function expectFreeName(name: string, names: readonly string[]): void {
  if (takenName(name, names) !== undefined) throw new DeviceFactsError('name-taken');
}

/** One box of a generation for each of these members. */
export function boxesFor(
  { primitives, device }: Actor,
  members: readonly PublicDevice[],
  key: PerUserKey,
): Promise<PerUserBox[]> {
  return Promise.all(members.map((member) => sealPerUserBox(primitives, device, member, key)));
}

/** Links that follow one another, each signed where it stands. */
export class LinkRow {
  readonly links: SignedLink[] = [];
  readonly #state: ChainState;

  /** Throws RangeError unless `by` is an active member of this chain: nobody else is to get so far. */
  constructor(state: ChainState, by: DeviceKeys) {
    const own = state.find(by.id);
    if (!own || !isMember(own)) throw new RangeError('an act of no member');
    this.#state = state;
  }

  get place(): LinkPlace {
    const last = this.links.at(-1);
    return last === undefined ? placeAfter(this.#state) : placeFollowing(sha256, last);
  }

  /** A link that adds nobody, or a `subkey`. */
  async add({ device, ctime }: Pick<Actor, 'device' | 'ctime'>, content: LinkContent): Promise<void> {
    const author: LinkAuthor = { ctime, signer: device.id };
    this.links.push(await signLink(device.signer, laterLink(this.place, author, content)));
  }

  /** A link that adds a device whose keys are at hand, which agrees. */
  async addConsented(
    { device, ctime }: Pick<Actor, 'device' | 'ctime'>,
    added: LinkSigner,
    addition: Addition,
  ): Promise<void> {
    const link = await consent(added, this.place, { ctime, signer: device.id }, addition);
    this.links.push(await signLink(device.signer, link));
  }

  /** What the chain is with them. Rejects with `ChainError` where its rules refuse them: too many devices, a used key. */
  async done(primitives: Primitives): Promise<Pick<ChainAct, 'prev' | 'links' | 'after'>> {
    const after = await replay({ ...primitives, sha256 }, this.links, this.#state);
    return { prev: this.#state.head, links: this.links, after };
  }
}

/** Throws RangeError if this is not the latest generation of the chain: boxes of another would be refused. */
export function expectLatest(state: ChainState, { generation, signingKey }: PerUserKey): void {
  const latest = state.perUserKey;
  const isLatest = latest.generation === generation && equal(latest.signingKey, signingKey);
  if (!isLatest) throw new RangeError('not the latest per-user key');
}
