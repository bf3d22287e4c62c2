import { encodeLinks, eldestLink, parseFactsHash, parseLinkHash, type SignedLink, signLink } from '@palmkey/chain';
import { webPrimitives } from '@palmkey/core/crypto';
import type { JoinPost } from '@palmkey/core/provisioning';
import { type AccountId, parseAccountId, parseDeviceId, RelayError, type RelayErrorCode } from '@palmkey/envelope';
import { RelayClientError } from '@palmkey/relay-client';
import { expect, test } from 'vitest';
import { NotConnectedError } from '../until-admitted.ts';
import { RelayChain } from './relay-chain.ts';

const account: AccountId = parseAccountId(new Uint8Array(16).fill(1));
const hash = parseLinkHash(new Uint8Array(32).fill(2));
const never = new AbortController().signal;
const links = [await linkOf(1)];
const join: JoinPost = {
  account,
  newSession: new Uint8Array(32).fill(3),
  prev: { seqno: 4, hash },
  links,
  box: { generation: 1, sender: deviceOf(1), receiver: deviceOf(2), boxed: new Uint8Array(72) },
};

function deviceOf(fill: number) {
  return parseDeviceId(new Uint8Array(16).fill(fill));
}

async function linkOf(ctime: number): Promise<SignedLink> {
  const signer = await webPrimitives.signerOf(new Uint8Array(32).fill(7));
  const { publicKey: agreementKey } = await webPrimitives.agreementOf(new Uint8Array(32).fill(8));
  const keys = { agreementKey, signingKey: signer.publicKey };
  const device = { ...keys, facts: parseFactsHash(new Uint8Array(32)), id: deviceOf(1) };
  return signLink(signer, eldestLink(ctime, device, keys));
}

/** A relay that answers posts, or the connection itself, with these in turn; and what its chain shows. */
function chainOf(outcomes: (Error | 'done')[], options: { admits?: Error; shows?: readonly SignedLink[] } = {}) {
  const { admits, shows = [] } = options;
  const log = { posts: 0, connections: 0, closed: 0, waited: [] as number[] };
  const chain = new RelayChain({
    clock: { after: (ms) => Promise.resolve(void log.waited.push(ms)) },
    fetchLinks: () => Promise.resolve({ head: { account, seqno: shows.length, hash }, links: encodeLinks(shows) }),
    connect: () => {
      log.connections += 1;
      return {
        connected: () => (admits ? Promise.reject(admits) : Promise.resolve()),
        chain: {
          boxes: () => Promise.resolve({ seeds: [new Uint8Array([0, 0, 0, 2, ...new Uint8Array(72)])] }),
          post: () => {
            log.posts += 1;
            const outcome = outcomes.shift() ?? expect.unreachable('posted too often');
            return outcome === 'done' ? Promise.resolve() : Promise.reject(outcome);
          },
        },
        close: () => void (log.closed += 1),
      };
    },
  });
  return { chain, log };
}

test('a post is made again where it is not known whether it was taken, over one connection', async () => {
  const { chain, log } = chainOf([
    new RelayClientError('no-answer'),
    new NotConnectedError('gone'),
    new RelayError('unavailable'),
    'done',
  ]);
  expect((await chain.previousSeeds(account, join.newSession, never))[0]?.generation).toBe(2);
  expect(await chain.post(join, never)).toBe('done');
  expect([log.posts, log.connections, log.waited]).toEqual([4, 1, [1000, 1000, 1000]]);
  chain.close();
  chain.close();
  expect(log.closed).toBe(1);
});

test('another link that was there first is a conflict', async () => {
  expect(await chainOf([new RelayError('conflict')]).chain.post(join, never)).toBe('conflict');
});

test.each(['bad-chain', 'no-chain', 'blocked', 'removed'] as RelayErrorCode[])(
  'what a relay will say again is thrown at once: %s',
  async (code) => {
    const { chain, log } = chainOf([new RelayError(code)]);
    await expect(chain.post(join, never)).rejects.toMatchObject({ name: 'RelayError', code });
    expect(log.posts).toBe(1);
  },
);

test('a relay that lets this device in no more has its links, or never will', async () => {
  const admits = new RelayError('not-admitted');
  expect(await chainOf([], { admits, shows: [await linkOf(0), ...links] }).chain.post(join, never)).toBe('done');
  expect(await chainOf([], { admits, shows: [await linkOf(0)] }).chain.post(join, never)).toBe('conflict');
});

test('it ends with its signal, and throws what is no fault of a relay', async () => {
  const stop = new AbortController();
  const { chain } = chainOf([], { admits: new NotConnectedError('offline') });
  stop.abort(new Error('over'));
  await expect(chain.post(join, stop.signal)).rejects.toThrow('over');
  const broken = new TypeError('a bug');
  await expect(chainOf([broken]).chain.post(join, never)).rejects.toBe(broken);
});
