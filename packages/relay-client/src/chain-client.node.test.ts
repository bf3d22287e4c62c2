/** `.node.test.ts`: against a relay that runs in this process. */
import { chainPrimitives } from '../../relay/src/chain/primitives.ts';
import { TestPeople } from '../../relay/src/testing/test-chain.ts';
import { testRelay } from '../../relay/src/testing/test-relay.ts';
import type { TestDevice } from '../../relay/src/testing/test-device.ts';
import { decodeLinks, replay } from '@palmkey/chain';
import { parseGrant, type AccountDataWord, type ChainHead, type Grant } from '@palmkey/envelope';
import { createHash, randomBytes } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { fetchLinks } from './chain-links.ts';
import { nodeSockets } from './node.ts';
import { systemTimers } from './ports.ts';
import { RelayClient } from './relay-client.ts';

const grant = parseGrant(new Uint8Array(randomBytes(32)));
const grantHash = new Uint8Array(createHash('sha256').update(grant).digest());

/** A device's client, connected. */
async function connected(relay: string, device: TestDevice, shown?: Grant): Promise<RelayClient> {
  const { id, signingKey, agreementKey } = device;
  const client = new RelayClient({
    relay,
    device: {
      id,
      signer: { publicKey: signingKey, sign: (message) => device.sign(message) },
      agreementPublicKey: agreementKey,
    },
    sockets: nodeSockets,
    timers: systemTimers,
    random: (length) => new Uint8Array(randomBytes(length)),
    ...(shown && { grant: shown }),
  });
  onTestFinished(() => client.close());
  client.start();
  await client.connected();
  return client;
}

test('a chain is begun, a device joins it by a grant, and the first hears of it', async () => {
  const relay = await testRelay();
  onTestFinished(() => relay.close());
  const people = new TestPeople();
  const [ada, bob] = [people.device('ada'), people.device('bob')];
  await relay.admit(ada);
  const first = await connected(relay.url, ada);
  expect(await first.chain.ask()).toBeNull();
  await expect(first.chain.grant(grantHash)).rejects.toMatchObject({ code: 'no-chain' });
  const chain = await people.begin('ada');
  const eldest = chain.post({ boxes: ['ada'] });
  await first.chain.post(eldest);
  await first.chain.post(eldest);
  await first.chain.grant(grantHash);
  const second = await connected(relay.url, bob, grant);
  expect(await second.chain.ask()).toEqual({ account: chain.account, ...chain.head });
  expect(await second.chain.boxes()).toEqual({ box: null, seeds: [] });
  await expect(second.chain.records()).rejects.toMatchObject({ code: 'no-chain' });
  const heard = new Promise<ChainHead>((resolve) => first.onChainHead(resolve));
  const wrong = chain.fork();
  await wrong.maker.member('ada', 'bob');
  await expect(second.chain.post(wrong.post())).rejects.toMatchObject({
    code: 'bad-chain',
    refusal: { reason: 'wrong-boxes', seqno: 2 },
  });
  await chain.maker.member('ada', 'bob');
  const joining = chain.post({ boxes: ['bob'], sender: 'ada' });
  await second.chain.post(joining);
  expect(await heard).toEqual({ account: chain.account, ...chain.head });
  expect((await second.chain.boxes()).box).toEqual(joining.boxes[0]);
  const facts = { name: 'facts/00', revision: 0, bytes: Uint8Array.of(1, 2) };
  const said = new Promise<AccountDataWord>((resolve) => first.onAccountData(resolve));
  expect(await second.chain.write(facts)).toBe(1);
  expect(await said).toEqual({ account: chain.account, revision: 1 });
  await expect(first.chain.write(facts)).rejects.toMatchObject({ code: 'conflict' });
  expect(await first.chain.recordsAfter(0)).toEqual({ latest: 1, records: [{ ...facts, revision: 1 }] });
  // The same connection is an ordinary one now.
  expect(second.state.is).toBe('connected');
  const fetched = await fetchLinks({ relay: relay.url, account: chain.account, after: 0, fetch, timers: systemTimers });
  expect((await replay(chainPrimitives, decodeLinks(fetched.links), null)).head).toEqual(chain.head);
  const lost = new Promise<string>((resolve) => {
    second.onState((state) => {
      if (state.is === 'refused') resolve(state.code);
    });
  });
  await chain.maker.revoke('ada', 'bob');
  await chain.maker.puk('ada');
  await first.chain.post(chain.post({ boxes: ['ada'], generation: 2, seeds: [2] }));
  expect(await lost).toBe('removed');
});
