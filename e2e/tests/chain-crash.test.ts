import { decodeLinks, replay } from '@palmkey/chain';
import { encodeChainPost, toHex, type AccountId, type DeviceId } from '@palmkey/envelope';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ChainDesk } from '../../packages/relay/src/chain/chain-desk.ts';
import { chainPrimitives } from '../../packages/relay/src/chain/primitives.ts';
import { systemClock } from '../../packages/relay/src/clock.ts';
import { backUp } from '../../packages/relay/src/store/backup.ts';
import { ChainDataStore } from '../../packages/relay/src/store/chain-data-store.ts';
import { ChainGrantStore } from '../../packages/relay/src/store/chain-grant-store.ts';
import { ChainStore } from '../../packages/relay/src/store/chain-store.ts';
import { openDatabase, type Database } from '../../packages/relay/src/store/database.ts';
import { Registry } from '../../packages/relay/src/store/registry.ts';
import { TestPeople } from '../../packages/relay/src/testing/test-chain.ts';

const program = new URL('../../packages/relay/src/testing/crash-chain.ts', import.meta.url).pathname;

/** Posts to a store until the process dies or ends; what it said, and the signal that ended it. */
async function run(store: string, statement: string, when: string, post: readonly string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', program, store, statement, when, ...post], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { said, signal };
}

function deskOn(database: Database): ChainDesk {
  return new ChainDesk({
    clock: systemClock,
    chains: new ChainStore(database, { maxDevices: 1_000 }),
    grants: new ChainGrantStore(database),
    data: new ChainDataStore(database),
  });
}

const own = (device: DeviceId) => ({ device, account: device as Uint8Array as AccountId, joins: null });

test('kill -9 at every statement of a post leaves all of it or nothing, and it can be posted again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'palmkey-chain-crash-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const people = new TestPeople();
  const ada = people.device('ada');
  const chain = await people.begin('ada');
  const begun = join(folder, 'begun.sqlite');
  const first = await openDatabase(begun);
  const registry = new Registry(first, { maxDevices: 1_000, onAccountChanged: () => undefined });
  await registry.admitByOperator(ada, systemClock.now());
  await deskOn(first).post(own(ada.id), chain.post({ boxes: ['ada'] }));
  await chain.maker.member('ada', 'bob');
  await deskOn(first).post(own(ada.id), chain.post({ boxes: ['bob'] }));
  await first.close();
  // Of every kind at once: a host comes, bob goes, the per-user key is new.
  await chain.maker.host('ada', 'host');
  await chain.maker.revoke('ada', 'bob');
  await chain.maker.puk('ada');
  const post = chain.post({ boxes: ['ada'], generation: 2, seeds: [2] });
  const told = [toHex(ada.id), toHex(ada.id), toHex(encodeChainPost(post))];
  const copy = async (name: string): Promise<string> => {
    const path = join(folder, `${name}.sqlite`);
    await backUp(begun, path, systemClock.now());
    return path;
  };
  const whole = await run(await copy('whole'), 'none', 'none', told);
  expect(whole).toMatchObject({ signal: null, said: expect.stringContaining('settled') as string });
  const statements = Number(/statements (\d+)/.exec(whole.said)?.[1]);
  expect(statements).toBeGreaterThan(15);
  const left = new Set<number>();
  for (let statement = 1; statement <= statements; statement++) {
    for (const when of ['before', 'after']) {
      const path = await copy(`${statement}-${when}`);
      const { signal, said } = await run(path, String(statement), when, told);
      expect([signal, said]).toEqual(['SIGKILL', '']);
      const database = await openDatabase(path);
      const desk = deskOn(database);
      const { head, links } = await desk.links(chain.account, 0);
      const state = await replay(chainPrimitives, decodeLinks(links), null);
      expect(state.head).toEqual({ seqno: head.seqno, hash: head.hash });
      left.add(head.seqno);
      const is = (name: string) =>
        database.db.selectFrom('devices').select('id').where('id', '=', people.device(name).id).execute();
      const isThere = head.seqno === 6;
      expect([await is('bob'), await is('host')].map((rows) => rows.length)).toEqual(isThere ? [0, 1] : [1, 0]);
      const { seeds } = await desk.boxes(own(ada.id), 0);
      expect(seeds).toHaveLength(isThere ? 1 : 0);
      expect(await database.db.selectFrom('chain_boxes').select('generation').execute()).toEqual(
        isThere ? [{ generation: 2 }] : [{ generation: 1 }, { generation: 1 }],
      );
      const again = await desk.post(own(ada.id), post);
      expect(again === null).toBe(isThere);
      expect((await desk.links(chain.account, 0)).head.seqno).toBe(6);
      await database.close();
    }
  }
  expect([...left].sort()).toEqual([3, 6]);
}, 600_000);
