/**
 * A post to a chain in a process of its own that is killed on purpose: `crash-chain.ts <store> <statement> <when>
 * <device> <account> <post>`, the last three in hexadecimal, kills itself (SIGKILL) before or after the store's n-th
 * statement of the post; `none none` runs to its end. It writes on standard output that the post is settled, and how many
 * statements there were.
 */
import { fromHex, parseAccountId, parseChainPost, parseDeviceId } from '@palmkey/envelope';
import { writeSync } from 'node:fs';
import { ChainDesk } from '../chain/chain-desk.ts';
import { systemClock } from '../clock.ts';
import { ChainDataStore } from '../store/chain-data-store.ts';
import { ChainGrantStore } from '../store/chain-grant-store.ts';
import { ChainStore } from '../store/chain-store.ts';
import { openDying } from './dying-sqlite.ts';

const [, , store = '', statement = 'none', when = 'none', device = '', account = '', post = ''] = process.argv;
const dying = await openDying(store, statement, when);
const { database } = dying;
const desk = new ChainDesk({
  clock: systemClock,
  chains: new ChainStore(database, { maxDevices: 1_000 }),
  grants: new ChainGrantStore(database),
  data: new ChainDataStore(database),
});
const by = { device: parseDeviceId(fromHex(device)), account: parseAccountId(fromHex(account)), joins: null };
dying.arm();
await desk.post(by, parseChainPost(fromHex(post)));
writeSync(1, `settled\nstatements ${dying.statements()}\n`);
await database.close();
