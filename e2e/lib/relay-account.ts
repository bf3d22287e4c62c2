/** An account at a real relay whose only phone has no screens: its links are made by the core's own acts. */
import { type ChainState, decodeLinks, encodeLinks, type Head, replay, type SignedLink } from '@palmkey/chain';
import {
  encodePerUserBox,
  encodePreviousSeed,
  type PerUserKey,
  type PreviousSeed,
  sealPerUserBox,
} from '@palmkey/core/account';
import { sha256, webPrimitives } from '@palmkey/core/crypto';
import { type DeviceKeys, publicDevice } from '@palmkey/core/devices';
import { kex2Session, letDeviceIn, OneUse, type ProvisionerHooks, ProvisioningError } from '@palmkey/core/provisioning';
import { wasmScrypt } from '@palmkey/core/scrypt';
import type { AccountId, ChainPost } from '@palmkey/envelope';
import { fetchLinks, HttpRouter, type RelayClient, systemTimers } from '@palmkey/relay-client';
import { webClock } from '../../apps/phone/src/engine/web-clock.ts';
import { connectDevice } from './scripted-device.ts';

/** Words that cost little to stretch. */
export const CHEAP_WORDS = 'abandon ability able about above absent absorb abstract four';

const randomBytes = (length: number) => webPrimitives.randomBytes(length);
/** Of at most 1 KiB each in a frame of 64. */
const LINKS_AT_ONCE = 48;
const never = new AbortController().signal;

/** A whole account, as its owner made it. */
export interface MadeAccount {
  readonly owner: DeviceKeys;
  readonly links: readonly SignedLink[];
  /** The first generation first. */
  readonly perUserKeys: readonly PerUserKey[];
  readonly previousSeeds: readonly PreviousSeed[];
}

/** How new devices and tests reach a relay. */
export function routerTo(relay: string): HttpRouter {
  return new HttpRouter({ relay, fetch, timers: systemTimers, random: randomBytes });
}

/** All links of an account, as a relay gives them to everybody. */
export async function linksAt(relay: string, account: AccountId): Promise<readonly SignedLink[]> {
  return decodeLinks((await fetchLinks({ relay, account, after: 0, fetch, timers: systemTimers })).links);
}

export class RelayAccount implements Disposable {
  readonly relay: string;
  readonly id: AccountId;
  readonly #made: MadeAccount;
  readonly #client: RelayClient;

  private constructor(relay: string, id: AccountId, made: MadeAccount, client: RelayClient) {
    this.relay = relay;
    this.id = id;
    this.#made = made;
    this.#client = client;
  }

  /** Posts an account to a relay, of which its owner is the only member. */
  static async post(relay: string, made: MadeAccount): Promise<RelayAccount> {
    const { client } = connectDevice(relay, made.owner);
    await client.connected(AbortSignal.timeout(20_000));
    for (const post of await postsOf(made)) await client.chain.post(post);
    const { account } = await replay({ ...webPrimitives, sha256 }, made.links, null);
    return new RelayAccount(relay, account, made, client);
  }

  /** Posts what its owner has signed. */
  send(post: ChainPost): Promise<void> {
    return this.#client.chain.post(post);
  }

  links(): Promise<readonly SignedLink[]> {
    return linksAt(this.relay, this.id);
  }

  /**
   * Lets a device in by words (`kex2-v1`) whose person answers so to its name and code; resolves once it can come, with
   * what will become of it.
   */
  async letIn(
    words = CHEAP_WORDS,
    onAsk: ProvisionerHooks['onAsk'] = () => Promise.resolve(true),
  ): Promise<{ readonly outcome: Promise<string> }> {
    const { owner } = this.#made;
    const state = await replay({ ...webPrimitives, sha256 }, await this.links(), null);
    const secret = new OneUse({ suite: 'kex2-v1', words } as const);
    const session = await kex2Session(secret, null, owner.id, wasmScrypt);
    await this.#client.openRendezvous(session.rendezvous);
    const letting = letDeviceIn(
      {
        router: routerTo(this.relay),
        clock: webClock,
        randomBytes,
        primitives: webPrimitives,
        device: owner,
        state,
        perUserKey: latestOf(this.#made),
        names: [],
        passphraseStream: null,
        newGrant: async () => {
          const grant = randomBytes(32);
          await this.#client.chain.grant(sha256(grant));
          return grant;
        },
        reserve: () => Promise.resolve(),
      },
      session,
      'x',
      { onAsk },
      never,
    );
    return { outcome: outcomeOf(letting) };
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}

/** `done`, or the code and the step of the failure. */
async function outcomeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'done';
  } catch (error) {
    if (error instanceof ProvisioningError) return `${error.code} @ ${error.step}`;
    throw error;
  }
}

/** As many links at once as a frame holds, each time up to the end of a generation. */
async function postsOf({ owner, links, perUserKeys, previousSeeds }: MadeAccount): Promise<readonly ChainPost[]> {
  const { id, signer, agreement } = owner;
  const own = { ...publicDevice(signer.publicKey, agreement.publicKey), id };
  const posts: ChainPost[] = [];
  const chainPrimitives = { ...webPrimitives, sha256 };
  let state: ChainState | null = null;
  for (let from = 0; from < links.length;) {
    let to = Math.min(from + LINKS_AT_ONCE, links.length);
    while (to < links.length && !isEndOfGeneration(links[to - 1])) to -= 1;
    const part = links.slice(from, to);
    const prev: Head | null = state?.head ?? null;
    const before: number = state?.perUserKey.generation ?? 1;
    state = await replay(chainPrimitives, part, state);
    const { generation } = state.perUserKey;
    const key = perUserKeys[generation - 1] ?? latestOf({ perUserKeys });
    const box = encodePerUserBox(await sealPerUserBox(webPrimitives, owner, own, key));
    const seeds = previousSeeds.filter((seed) => seed.generation > before && seed.generation <= generation);
    posts.push({ prev, links: encodeLinks(part), boxes: [box], seeds: seeds.map(encodePreviousSeed) });
    from = to;
  }
  return posts;
}

function isEndOfGeneration(link: SignedLink | undefined): boolean {
  return Buffer.from(link?.json ?? []).includes('"type":"puk"');
}

function latestOf({ perUserKeys }: Pick<MadeAccount, 'perUserKeys'>): PerUserKey {
  const last = perUserKeys.at(-1);
  if (last === undefined) throw new RangeError('no generation');
  return last;
}
