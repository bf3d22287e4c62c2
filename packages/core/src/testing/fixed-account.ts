import {
  type ChainState,
  consent,
  eldestLink,
  type LaterLink,
  laterLink,
  type LinkContent,
  parseFactsHash,
  placeFollowing,
  replay,
  type SignedLink,
  signLink,
} from '@palmkey/chain';
import { ascii, equal } from '@palmkey/envelope';
import {
  type PerUserKey,
  parsePerUserSeed,
  perUserKeyOf,
  type PreviousSeed,
  sealPreviousSeed,
} from '../account/index.ts';
import { sha256, webPrimitives } from '../crypto/index.ts';
import type { DeviceKeys } from '../devices/index.ts';
import type { ChainSource, JoinPost } from '../provisioning/index.ts';
import { fixedBytes, fixedDevice, fixedPrimitives } from './fixed-keys.ts';

const CTIME = 1_800_000_000_000;
const chainPrimitives = { ...webPrimitives, sha256 };

/** An account whose keys follow from the names of its devices. */
export interface FixedAccount {
  readonly owner: DeviceKeys;
  readonly links: readonly SignedLink[];
  readonly perUserKeys: readonly PerUserKey[];
  readonly previousSeeds: readonly PreviousSeed[];
}

/** An account begun by `owner`, with so many generations: for each after the first a member came and was revoked. */
export async function fixedAccount(name: string, generations: number): Promise<FixedAccount> {
  const owner = await fixedDevice(`${name} owner`);
  const keyOf = (generation: number) =>
    perUserKeyOf(webPrimitives, parsePerUserSeed(fixedBytes(`${name} seed ${generation}`)), generation);
  const publicOf = ({ agreementKey, generation, signingKey }: PerUserKey) => ({ agreementKey, generation, signingKey });
  const perUserKeys = [await keyOf(1)];
  const previousSeeds: PreviousSeed[] = [];
  const device = { ...publicKeys(owner), facts: factsOf(name) };
  const links = [await signLink(owner.signer, eldestLink(CTIME, device, publicOf(await keyOf(1))))];
  for (let generation = 2; generation <= generations; generation++) {
    const member = await fixedDevice(`${name} member ${generation}`);
    links.push(...(await memberLinks(links, owner, member, factsOf(`${name} ${generation}`))));
    links.push(await nextLink(links, owner, { type: 'revoke', body: { devices: [member.id] } }));
    const key = await keyOf(generation);
    links.push(await nextLink(links, owner, { type: 'puk', body: { puk: publicOf(key) } }));
    const former = perUserKeys.at(-1) ?? key;
    previousSeeds.push(sealPreviousSeed(fixedPrimitives(`${name} ${generation}`), key, former));
    perUserKeys.push(key);
  }
  return { owner, links, perUserKeys, previousSeeds };
}

/** The two links by which `by` adds a member after these. */
export async function memberLinks(
  links: readonly SignedLink[],
  by: DeviceKeys,
  member: DeviceKeys,
  facts = factsOf('facts'),
): Promise<readonly SignedLink[]> {
  const { agreementKey, id, signingKey } = publicKeys(member);
  const author = { ctime: CTIME, signer: by.id };
  const device = { facts, id, signingKey };
  const place = placeFollowing(sha256, lastOf(links));
  const sibkey = await signLink(by.signer, await consent(member.signer, place, author, { type: 'sibkey', device }));
  return [sibkey, await nextLink([sibkey], member, { type: 'subkey', body: { device: { agreementKey, id } } })];
}

/** A link of this content after these. */
export async function nextLink(
  links: readonly SignedLink[],
  by: DeviceKeys,
  content: LinkContent,
): Promise<SignedLink> {
  const author = { ctime: CTIME, signer: by.id };
  const link: LaterLink = laterLink(placeFollowing(sha256, lastOf(links)), author, content);
  return signLink(by.signer, link);
}

/** The state that these links give. */
export async function stateOf(links: readonly SignedLink[]): Promise<ChainState> {
  return replay(chainPrimitives, links, null);
}

/** A relay's part in joining, in memory: a chain with compare-and-swap on its head. */
export class FakeChain implements ChainSource {
  /** What is on it now. */
  all: readonly SignedLink[];
  readonly posts: JoinPost[] = [];
  /** How often it was told that a post is to come. */
  prepared = 0;
  readonly #seeds: readonly PreviousSeed[];

  constructor({ links, previousSeeds }: FixedAccount) {
    this.all = [...links];
    this.#seeds = previousSeeds;
  }

  links(): Promise<readonly SignedLink[]> {
    return Promise.resolve([...this.all]);
  }

  prepare(): void {
    this.prepared += 1;
  }

  previousSeeds(): Promise<readonly PreviousSeed[]> {
    return Promise.resolve(this.#seeds);
  }

  async post(join: JoinPost): Promise<'done' | 'conflict'> {
    this.posts.push(join);
    const isThere = ({ json }: SignedLink) => this.all.some((each) => equal(each.json, json));
    if (join.links.every(isThere)) return 'done';
    const before = this.all;
    const state = await stateOf(before);
    if (!equal(state.head.hash, join.prev.hash)) return 'conflict';
    await replay(chainPrimitives, join.links, state);
    if (this.all !== before) return 'conflict';
    this.all = [...before, ...join.links];
    return 'done';
  }
}

function publicKeys({ id, signer, agreement }: DeviceKeys) {
  return { id, signingKey: signer.publicKey, agreementKey: agreement.publicKey };
}

function factsOf(text: string) {
  return parseFactsHash(sha256(ascii(text)));
}

function lastOf(links: readonly SignedLink[]): SignedLink {
  const last = links.at(-1);
  if (last === undefined) throw new RangeError('no links');
  return last;
}
