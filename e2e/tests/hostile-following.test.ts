/** A device that follows its account at a relay that lies about the chain: it keeps its pin, and says what is wrong. */
import { decodeLinks, type SignedLink } from '@palmkey/chain';
import { ChainFollower, type ChainNote } from '@palmkey/core/account';
import { webPrimitives } from '@palmkey/core/crypto';
import { fetchLinks, systemTimers } from '@palmkey/relay-client';
import { toHex } from '@palmkey/envelope';
import { expect, test } from 'vitest';
import { memberLinks, nextLink, stateOf } from '../../packages/core/src/testing/fixed-account.ts';
import { fixedDevice } from '../../packages/core/src/testing/fixed-keys.ts';
import { rewriteLinks, showChain } from '../lib/hostile/chain-attacks.ts';
import { joiningStage } from '../lib/hostile/joining-stage.ts';

const never = new AbortController().signal;

/** The owner's follower over the hostile relay, with the first `known` links on its shelf. */
async function following(known: number) {
  const here = await joiningStage();
  const kept: { links: SignedLink[]; note: ChainNote | null } = {
    links: here.account.links.slice(0, known),
    note: null,
  };
  const state = await stateOf(kept.links);
  const follower = await ChainFollower.open(
    {
      primitives: webPrimitives,
      now: () => Date.now(),
      account: here.state.account,
      feed: {
        head: () => here.owner.chain.ask(),
        linksAfter: async (account, after, signal) => {
          const asked = { relay: here.double.url, account, after, fetch, timers: systemTimers, signal };
          return decodeLinks((await fetchLinks(asked)).links);
        },
      },
      shelf: {
        save: (links, note) => {
          kept.links.push(...links);
          kept.note = note;
          return Promise.resolve();
        },
      },
    },
    { links: kept.links, pin: state.head, signed: null },
  );
  return { ...here, follower, kept };
}

test('an honest relay brings it to the head, which is kept', async () => {
  const { follower, kept, state } = await following(3);
  expect(await follower.catchUp(never)).toMatchObject({ is: 'advanced' });
  expect(follower.pin).toEqual(state.head);
  expect(kept.note?.pin).toEqual(state.head);
});

test('a chain that is shorter than the pin is rolled-back, and nothing is forgotten (hide-revocation)', async () => {
  const { follower, double, account, state } = await following(5);
  double.use(showChain(state.account, () => account.links.slice(0, 3)));
  expect(await follower.catchUp(never)).toMatchObject({ is: 'refused', code: 'rolled-back', seqno: 5 });
  expect(follower.pin).toEqual(state.head);
});

test('a newer head that another device tells, and the relay does not show, is withheld (hide-revocation)', async () => {
  const { follower, double, account, state } = await following(3);
  double.use(showChain(state.account, () => account.links.slice(0, 3)));
  expect(await follower.catchUp(never)).toMatchObject({ is: 'current' });
  // The relay that stalls the chain looks as one where nothing happened, until somebody else is heard.
  expect(await follower.meet(state.head, account.owner.id, never)).toMatchObject({ is: 'withheld' });
});

test('another link in the place of its pin is forked (split-view)', async () => {
  const { follower, double, account, state } = await following(5);
  const begun = account.links.slice(0, 4);
  const other = await nextLink(begun, account.owner, { type: 'revoke', body: { devices: [account.owner.id] } });
  const longer = await memberLinks([...begun, other], account.owner, await fixedDevice('elsewhere'));
  double.use(showChain(state.account, () => [...begun, other, ...longer]));
  expect(await follower.catchUp(never)).toMatchObject({ is: 'refused', code: 'forked', seqno: 5 });
  expect(follower.pin).toEqual(state.head);
});

test('another key in a link is found out by replay (swap-dh)', async () => {
  const { follower, double, state } = await following(1);
  const evil = await fixedDevice('evil');
  const member = await fixedDevice('home member 2');
  const [own, theirs] = [toHex(member.agreement.publicKey), toHex(evil.agreement.publicKey)];
  double.use(rewriteLinks(state.account, (json) => json.replaceAll(own, theirs)));
  expect(await follower.catchUp(never)).toMatchObject({ is: 'refused', code: 'bad-chain', seqno: 3 });
  expect(follower.state?.head.seqno).toBe(1);
});
