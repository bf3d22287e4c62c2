/** What a message costs while connections, accounts, or waiting messages are few or many: flat, if all is well. */
import { openDatabase } from '../../packages/relay/src/store/database.ts';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Row } from '../rows.ts';
import type { RunResult } from './generator.ts';
import { processorSeconds } from './processor.ts';
import { startRelayServer } from './servers.ts';
import { MAIL, openScene, ours, type Scene } from './subjects.ts';
import type { Work } from './work.ts';

const RATE = 5_000;
const CONNECTIONS = [10, 100, 500, 1000, 2000, 5000] as const;
const ACCOUNTS = [1_000, 10_000, 100_000] as const;
/** In each of so many mailboxes. */
const QUEUED = [10, 100, 300, 900] as const;
const MAILBOXES = 100;

export const growthCase = {
  name: 'growth',
  run: async (work: Work) => [
    ...(await overConnections(work)),
    ...(await overAccounts(work)),
    ...(await overQueued(work)),
  ],
};

async function overConnections(work: Work): Promise<Row[]> {
  const rows: Row[] = [];
  for (const connections of work.quick ? CONNECTIONS.slice(0, 3) : CONNECTIONS) {
    await using scene = await openScene(ours, work.built, work.folder, { connections });
    rows.push(costRow(`growth: ${connections} connections`, await steady(scene, connections, work)));
  }
  return rows;
}

async function overAccounts(work: Work): Promise<Row[]> {
  const rows: Row[] = [];
  for (const accounts of work.quick ? ACCOUNTS.slice(0, 1) : ACCOUNTS) {
    const store = join(work.folder, `accounts-${accounts}.db`);
    await fill(store, accounts);
    const start = (built: Work['built'], folder: string) =>
      startRelayServer(built, folder, { options: { store, maxDevices: 1_000_000 } });
    await using scene = await openScene({ start }, work.built, work.folder, { connections: 200 });
    rows.push(costRow(`growth: ${accounts} accounts`, await steady(scene, 200, work)));
  }
  return rows;
}

/** What the relay uses from the recipients' first word that they read to their having read all. */
async function overQueued(work: Work): Promise<Row[]> {
  const rows: Row[] = [];
  for (const queued of work.quick ? QUEUED.slice(0, 2) : QUEUED) {
    await using scene = await openScene(ours, work.built, work.folder, { connections: MAILBOXES, away: MAILBOXES });
    const { fleet, generator, server } = scene;
    if (!fleet) throw new Error('only devices of a relay have mailboxes');
    const filled = await generator.run({
      senders: [0, MAILBOXES],
      recipients: [MAILBOXES, MAILBOXES],
      ...MAIL,
      // As many as are acked at once: fewer wait for the acks that come late.
      window: 64,
      untilSettled: true,
      each: queued,
      seconds: 60,
      warmS: 0,
      pids: server.pids,
    });
    if (filled.lost > 0) throw new Error('a mailbox did not take what it was sent');
    fleet.reads = false;
    await fleet.enter(MAILBOXES, MAILBOXES);
    const arrived = generator.expect(MAILBOXES * queued);
    const before = processorSeconds(server.pids);
    for (let index = MAILBOXES; index < 2 * MAILBOXES; index += 1) fleet.resume(index);
    await arrived;
    const seconds = processorSeconds(server.pids) - before;
    rows.push({
      bench: 'relay',
      case: `growth: ${queued} queued in a mailbox`,
      subject: 'ours',
      metric: 'us_per_message',
      value: (seconds * 1e6) / (MAILBOXES * queued),
      unit: 'µs',
    });
  }
  return rows;
}

function steady({ generator, server }: Scene, connections: number, { quick }: Work): Promise<RunResult> {
  const seconds = quick ? 1 : 3;
  return generator.run({ senders: [0, connections], spread: true, rate: RATE, ...MAIL, seconds, pids: server.pids });
}

function costRow(name: string, result: RunResult): Row {
  const value = (result.serverSeconds * 1e6) / result.delivered;
  return { bench: 'relay', case: name, subject: 'ours', metric: 'us_per_message', value, unit: 'µs' };
}

/** A store with accounts of one device each, which never come. */
async function fill(store: string, accounts: number): Promise<void> {
  const database = await openDatabase(store);
  for (let left = accounts; left > 0; left -= 500) {
    const devices = Array.from({ length: Math.min(left, 500) }, () => {
      const id = new Uint8Array(randomBytes(16));
      return {
        id,
        account: id,
        seen_on: Math.floor(Date.now() / 86_400_000),
        signing_key: new Uint8Array(randomBytes(32)),
        agreement_key: new Uint8Array(randomBytes(32)),
        admitted_by: null,
        admitted_via: 'operator' as const,
        created_at: Date.now(),
      };
    });
    await database.db.insertInto('devices').values(devices).execute();
  }
  await database.close();
}
