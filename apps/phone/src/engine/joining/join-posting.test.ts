import { encodeLinks, eldestLink, parseFactsHash, signLink } from '@palmkey/chain';
import { encodePerUserBox, newSaltedFacts } from '@palmkey/core/account';
import { webPrimitives } from '@palmkey/core/crypto';
import { ProvisioningError } from '@palmkey/core/provisioning';
import { RelayError } from '@palmkey/envelope';
import { expect, test } from 'vitest';
import { makeDevice, openDevice } from '../../keyring/device-keyring.ts';
import { makeUserKey } from '../../keyring/user-key.ts';
import type { JoiningView } from '../../model/account-view.ts';
import { MemoryStore } from '../../store/memory-store.ts';
import type { JoiningRow } from '../../store/schema.ts';
import { factsRow } from '../account/account-rows.ts';
import { ORIGIN, until } from '../testing/fake-browser.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { FakeLocks } from '../testing/fake-locks.ts';
import { FakeRelay } from '../testing/fake-relay.ts';
import { Turns } from '../turns.ts';
import { JoinPosting } from './join-posting.ts';
import { SavedJoin } from './saved-join.ts';

/** A joining as it is saved, whose post no relay knows anything of. */
async function savedRow(): Promise<JoiningRow> {
  const device = await makeDevice('tablet', 0);
  const { id, signer, agreement } = await openDevice(device);
  const keys = { id, signingKey: signer.publicKey, agreementKey: agreement.publicKey };
  const link = await signLink(signer, eldestLink(0, { ...keys, facts: parseFactsHash(new Uint8Array(32)) }, keys));
  const head = { seqno: 1, hash: new Uint8Array(32) };
  return {
    id: 'joining',
    device,
    key: await makeUserKey('tablet', 0),
    account: '01'.repeat(16),
    relay: ORIGIN,
    chain: encodeLinks([link]),
    prev: head,
    head,
    facts: factsRow(id, newSaltedFacts(webPrimitives, { kind: 'phone', name: 'tablet' }), false),
    box: encodePerUserBox({ generation: 1, sender: id, receiver: id, boxed: new Uint8Array(72) }),
    seeds: [],
    grant: new Uint8Array(32),
  };
}

async function posting() {
  const row = await savedRow();
  const [clock, relay, store, stop] = [new FakeClock(), new FakeRelay(), new MemoryStore(), new AbortController()];
  await store.transact('write', ['joining'], (rows) => rows.put('joining', row));
  const shown: JoiningView[] = [];
  const it = new JoinPosting({
    ports: {
      clock,
      connectRelay: (_relay, device, _grant, outbox) => relay.link(device.id, outbox),
      fetchLinks: () => Promise.reject(new RelayError('no-chain')),
    },
    saved: new SavedJoin(store, new Turns(new FakeLocks()), null),
    show: (view) => void shown.push(view),
    signal: stop.signal,
  });
  const kept = (): Promise<readonly JoiningRow[]> => store.transact('read', ['joining'], (rows) => rows.all('joining'));
  return { it, row, relay, stop, shown, kept };
}

const notPosted = (cause?: unknown) => new ProvisioningError('not-posted', 'joining', { cause });

test('a joining that is given up while it waits for its next try is posted no more, and stays saved', async () => {
  const { it, row, relay, stop, shown, kept } = await posting();
  const over = it.untilCertain(row, notPosted());
  await until('waiting', () => shown.at(-1)?.is === 'failed');
  expect([it.row === row, it.isUnderWay]).toEqual([true, false]);
  stop.abort();
  await over;
  expect(relay.dialled).toBe(0);
  expect(await kept()).toHaveLength(1);
});

test('a joining that waits for its next try is posted at once when it is asked for', async () => {
  const { it, row, relay, shown } = await posting();
  const over = it.untilCertain(row, notPosted());
  await until('waiting', () => shown.at(-1)?.is === 'failed');
  it.postNow();
  expect(it.row).toBe(row);
  // This relay has no chain that it could be added to.
  await expect(over).rejects.toMatchObject({ code: 'no-chain' });
  expect([relay.dialled, shown.filter(({ is }) => is === 'joining').length]).toEqual([1, 1]);
});

test('a joining that its relay refuses for good is dropped, with what the relay says', async () => {
  const { it, row, relay, kept } = await posting();
  const refused = new RelayError('bad-chain');
  await expect(it.untilCertain(row, notPosted(refused))).rejects.toBe(refused);
  expect([it.row, relay.dialled, await kept()]).toEqual([null, 0, []]);
});
