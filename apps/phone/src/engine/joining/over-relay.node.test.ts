/** `.node.test.ts`: against a relay that runs in this process, with scrypt in WebAssembly. */
import { encodeLinks, eldestLink, parseFactsHash, replay, type ChainState, signLink } from '@palmkey/chain';
import { factsHash, newPerUserKey, newSaltedFacts, encodePerUserBox, sealPerUserBox } from '@palmkey/core/account';
import { sha256, webPrimitives } from '@palmkey/core/crypto';
import { type DeviceKeys, publicDevice } from '@palmkey/core/devices';
import {
  chooseWords,
  codeRendezvous,
  confirmKex3,
  type Joined,
  joinAccount,
  kex2Session,
  type Kex3Secret,
  type KexSession,
  letDeviceIn,
  OneUse,
} from '@palmkey/core/provisioning';
import { wasmScrypt } from '@palmkey/core/scrypt';
import { type Grant, parseRendezvousId, parseRendezvousSender, type RendezvousId } from '@palmkey/envelope';
import { fetchLinks, HttpRouter, RelayClient, systemTimers } from '@palmkey/relay-client';
import { nodeSockets } from '@palmkey/relay-client/node';
import { expect, onTestFinished, test } from 'vitest';
import { testRelay } from '../../../../../packages/relay/src/testing/test-relay.ts';
import { makeDevice, openDevice } from '../../keyring/device-keyring.ts';
import { webClock as clock } from '../web-clock.ts';
import { RelayChain } from './relay-chain.ts';

const randomBytes = (length: number) => webPrimitives.randomBytes(length);
const never = new AbortController().signal;

async function newDevice(name: string): Promise<DeviceKeys> {
  return openDevice(await makeDevice(name, 0));
}

function clientOf(relay: string, device: DeviceKeys, grant?: Grant): RelayClient {
  const client = new RelayClient({
    relay,
    device: { id: device.id, signer: device.signer, agreementPublicKey: device.agreement.publicKey },
    sockets: nodeSockets,
    timers: systemTimers,
    random: randomBytes,
    ...(grant && { grant }),
  });
  onTestFinished(() => client.close());
  client.start();
  return client;
}

/** A relay at which X, connected, has begun an account, and everything that Y joins it with. */
async function stage() {
  const relay = await testRelay({ admission: 'open', rates: { postsPerMinute: 1_000 } });
  onTestFinished(() => relay.close());
  const [x, y] = [await newDevice('x'), await newDevice('y')];
  const client = clientOf(relay.url, x);
  await client.connected();
  const perUserKey = await newPerUserKey(webPrimitives, 1);
  const { id, signingKey, agreementKey } = publicDevice(x.signer.publicKey, x.agreement.publicKey);
  const facts = newSaltedFacts(webPrimitives, { kind: 'phone', name: 'First phone' });
  const device = { id, signingKey, agreementKey, facts: parseFactsHash(factsHash(facts)) };
  const links = [await signLink(x.signer, eldestLink(Date.now(), device, perUserKey))];
  const box = await sealPerUserBox(webPrimitives, x, device, perUserKey);
  await client.chain.post({ prev: null, links: encodeLinks(links), boxes: [encodePerUserBox(box)], seeds: [] });
  const state = await replay({ ...webPrimitives, sha256 }, links, null);
  const router = new HttpRouter({ relay: relay.url, fetch, timers: systemTimers, random: randomBytes });
  const chain = new RelayChain({
    clock,
    fetchLinks: (account, signal) =>
      fetchLinks({ relay: relay.url, account, after: 0, fetch, timers: systemTimers, signal }),
    connect: (grant) => clientOf(relay.url, y, grant),
  });
  onTestFinished(() => chain.close());
  return { relay, x, y, client, state, perUserKey, router, chain };
}
type Stage = Awaited<ReturnType<typeof stage>>;

/** X and Y walk the whole way over these sessions; what Y kept. */
async function walk({ x, y, client, state, perUserKey, router, chain }: Stage, sessions: [KexSession, KexSession]) {
  let saved: Joined | null = null;
  const codes: string[] = [];
  const atX = letDeviceIn(
    {
      router,
      clock,
      randomBytes,
      primitives: webPrimitives,
      device: x,
      state,
      perUserKey,
      names: ['First phone'],
      passphraseStream: null,
      newGrant: async () => {
        const grant = randomBytes(32);
        await client.chain.grant(sha256(grant));
        return grant;
      },
      reserve: () => Promise.resolve(),
    },
    sessions[0],
    'x',
    { onAsk: ({ code }) => Promise.resolve(codes.push(code) > 0) },
    never,
  );
  const atY = joinAccount(
    {
      router,
      clock,
      randomBytes,
      primitives: webPrimitives,
      device: y,
      kind: 'phone',
      account: null,
      chain,
      store: { save: (joined) => Promise.resolve(void (saved = joined)), drop: () => Promise.resolve() },
    },
    sessions[1],
    'x',
    { onName: () => Promise.resolve('Second phone'), onCode: (code) => void codes.push(code) },
    never,
  );
  const [letIn, joined] = await Promise.all([atX, atY]);
  expect(letIn.device.id).toEqual(y.id);
  expect(saved).toBe(joined);
  expect(codes[0]).toBe(codes[1]);
  return joined;
}

/** The relay has the chain with Y, and knows Y as a device of it. */
async function expectMember({ relay, y, client }: Stage, after: ChainState): Promise<void> {
  expect(await client.chain.ask()).toEqual({ account: after.account, ...after.head });
  expect(after.members.map(({ id }) => id)).toContainEqual(y.id);
  const member = clientOf(relay.url, y);
  await member.connected();
  expect((await member.chain.boxes()).box).not.toBeNull();
}

/** Both sides of kex3, after X has opened the rendezvous. */
async function kex3(
  { x, y, state, router }: Stage,
  rendezvous: { x: RendezvousId; y: RendezvousId },
  secret: Kex3Secret,
) {
  const side = (device: DeviceKeys, of: 'x' | 'y') =>
    confirmKex3(
      { router, clock, randomBytes },
      {
        secret: new OneUse(secret),
        rendezvous: rendezvous[of],
        identity: { side: of, device: device.id, account: of === 'x' ? state.account : null },
        meetMs: 20_000,
        signal: never,
      },
    );
  return Promise.all([side(x, 'x'), side(y, 'y')]);
}

test('by a number and three words', async () => {
  const here = await stage();
  const opened = parseRendezvousId(randomBytes(32));
  await here.client.openRendezvous(opened);
  const number = await here.client.allocateNameplate(opened);
  const found = await here.router.claimNameplate(number, never);
  await expect(here.router.claimNameplate(number, never)).rejects.toMatchObject({ code: 'no-nameplate' });
  const sessions = await kex3(here, { x: opened, y: found }, { how: 'words', words: chooseWords(3, randomBytes) });
  await expectMember(here, (await walk(here, sessions)).state);
});

test('by the 32 bytes of a QR code', async () => {
  const here = await stage();
  const bytes = randomBytes(32);
  const rendezvous = codeRendezvous(bytes);
  await here.client.openRendezvous(rendezvous);
  const sessions = await kex3(here, { x: rendezvous, y: rendezvous }, { how: 'code', bytes });
  await expectMember(here, (await walk(here, sessions)).state);
});

test.each([
  ['eight words', 'kex2-v1', 8, ''],
  ['eight words and "four"', 'kex2-v1', 8, ' four'],
  ['nine words and the account', 'kex2-v2', 9, ''],
] as const)('by %s', async (_what, suite, count, after) => {
  const here = await stage();
  const words = chooseWords(count, randomBytes) + after;
  const side = (device: DeviceKeys) =>
    kex2Session(new OneUse({ suite, words }), suite === 'kex2-v2' ? here.state.account : null, device.id, wasmScrypt);
  const sessions: [KexSession, KexSession] = [await side(here.x), await side(here.y)];
  await here.client.openRendezvous(sessions[0].rendezvous);
  await expectMember(here, (await walk(here, sessions)).state);
});

test('a rendezvous is waited for until somebody opens it', async () => {
  const { router, client } = await stage();
  const rendezvous = parseRendezvousId(randomBytes(32));
  const self = parseRendezvousSender(randomBytes(16));
  const opened = router.opened(rendezvous, self, never);
  await client.openRendezvous(rendezvous);
  await opened;
  await client.closeRendezvous(rendezvous, null);
  await expect(router.get(rendezvous, self, 1, 0, never)).rejects.toMatchObject({ code: 'no-rendezvous' });
});
