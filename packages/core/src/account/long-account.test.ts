import { type ChainState, decodeLinks, replay } from '@palmkey/chain';
import { ascii, chainBoxHead, chainSeedGeneration, encodeChainPost, parseChainPost } from '@palmkey/envelope';
import { beforeAll, describe, expect, it } from 'vitest';
import { hasWhatItNeeds } from '../../../relay/src/chain/chain-step.ts';
import { sha256, webPrimitives } from '../crypto/index.ts';
import type { DeviceKeys } from '../devices/index.ts';
import { type FixedAccount, fixedAccount, stateOf } from '../testing/fixed-account.ts';
import { fixedDevice } from '../testing/fixed-keys.ts';
import {
  addPaperKey,
  type ChainAct,
  chainPost,
  importPerUserKeys,
  joinByPhrase,
  newRecoveryPhrase,
  openAccountData,
  parsePerUserBox,
  parsePreviousSeed,
  type PerUserKey,
  perUserKeysOnChain,
  revokeDevices,
  sealAccountData,
  sealPerUserBox,
} from './index.ts';

const GENERATIONS = 100;
const ctime = 1_900_000_000_000;

/** A long life: so many generations, for each of which a member came and was revoked. */
describe('an account of 100 generations and more than 200 links', () => {
  let account: FixedAccount;
  let state: ChainState;
  beforeAll(async () => {
    account = await fixedAccount('long', GENERATIONS);
    state = await stateOf(account.links);
  }, 120_000);

  const latest = (): PerUserKey => account.perUserKeys.at(-1)!;
  const actor = (device: DeviceKeys) => ({ primitives: webPrimitives, device, ctime });

  /** Takes a post as the relay does, and gives what it keeps of it: the chain after it. */
  async function posted(before: ChainState, act: ChainAct): Promise<ChainState> {
    const post = parseChainPost(encodeChainPost(chainPost(act)));
    const after = await replay({ ...webPrimitives, sha256 }, decodeLinks(post.links), before);
    expect(hasWhatItNeeds({ before, after }, post.boxes.map(chainBoxHead), post.seeds.map(chainSeedGeneration))).toBe(
      true,
    );
    return after;
  }

  it('is as long as that', () => {
    expect(account.links.length).toBeGreaterThan(200);
    expect([state.perUserKey.generation, state.revoked.length, state.members.length]).toEqual([100, 99, 1]);
  });

  it('gives a member all generations from its one box, each as its link has it', async () => {
    const { owner, perUserKeys, previousSeeds } = account;
    const self = state.find(owner.id)!;
    const box = await sealPerUserBox(webPrimitives, owner, self, latest());
    const keys = await importPerUserKeys(webPrimitives, owner, perUserKeysOnChain(state), box, previousSeeds);
    expect(keys.map(({ seed }) => seed)).toEqual(perUserKeys.map(({ seed }) => seed));
    const record = ['facts/00', ascii('the first')] as const;
    const sealed = await sealAccountData(webPrimitives, state.account, perUserKeys[0]!, ...record);
    expect(await openAccountData(webPrimitives, state.account, keys, record[0], sealed)).toEqual(record[1]);
    const without = previousSeeds.filter(({ generation }) => generation !== 50);
    const imported = importPerUserKeys(webPrimitives, owner, perUserKeysOnChain(state), box, without);
    await expect(imported).rejects.toMatchObject({ code: 'missing-seed', generation: 49 });
  });

  it('lets a device in by its words and ends another, whose successor key opens everything before', async () => {
    const { owner, previousSeeds } = account;
    const [lost, fresh] = await Promise.all([fixedDevice('lost'), fixedDevice('fresh')]);
    const phrase = newRecoveryPhrase(webPrimitives);
    const paper = await addPaperKey(actor(owner), state, latest(), phrase, { name: 'Words', names: [] });
    let chain = await posted(state, paper);
    for (const [device, name] of [
      [lost, 'Lost phone'],
      [fresh, 'New phone'],
    ] as const) {
      const joins = joinByPhrase(actor(paper.paper), chain, latest(), device, { kind: 'phone', name }, ['Words']);
      chain = await posted(chain, await joins);
    }
    const act = await revokeDevices(actor(fresh), chain, latest(), [lost.id]);
    chain = await posted(chain, act);
    expect([chain.perUserKey.generation, act.boxes.length]).toEqual([GENERATIONS + 1, 3]);
    const { boxes, seeds } = chainPost(act);
    const all = [...previousSeeds, ...seeds.map(parsePreviousSeed)];
    for (const device of [owner, fresh, paper.paper]) {
      const box = boxes.map(parsePerUserBox).find(({ receiver }) => receiver.every((byte, i) => byte === device.id[i]));
      const keys = await importPerUserKeys(webPrimitives, device, perUserKeysOnChain(chain), box!, all);
      expect(keys).toHaveLength(GENERATIONS + 1);
    }
    const old = await sealPerUserBox(webPrimitives, lost, chain.findEver(lost.id)!, latest());
    const late = importPerUserKeys(webPrimitives, lost, perUserKeysOnChain(chain), old, all);
    await expect(late).rejects.toMatchObject({ code: 'wrong-generation' });
  });
});
