/** One message to every other device of an account; what counts is deliveries. */
import { encodeInvite, FrameType, parseGrant } from '@palmkey/envelope';
import { createHash, randomBytes } from 'node:crypto';
import { median, type Row } from '../rows.ts';
import { newDevice } from './devices.ts';
import { perCoreSecond, saturationOf } from './saturation.ts';
import { MAIL, openScene, ours } from './subjects.ts';
import type { Work } from './work.ts';

/** About so many devices in all, in accounts of one size. */
const DEVICES = 210;

export const broadcastCase = {
  name: 'broadcast',
  run: async (work: Work) => [...(await broadcast(work, 5)), ...(await broadcast(work, 20))],
};

async function broadcast(work: Work, others: number): Promise<Row[]> {
  const accounts = Math.floor(DEVICES / (others + 1));
  const grants = Array.from({ length: accounts * others }, () => parseGrant(new Uint8Array(randomBytes(32))));
  // First those that begin an account, then those that they invite.
  const devices = [...Array.from({ length: accounts }, () => newDevice()), ...grants.map((grant) => newDevice(grant))];
  await using scene = await openScene(ours, work.built, work.folder, { connections: 0, devices });
  const { fleet, generator, server } = scene;
  if (!fleet) throw new Error('only devices of a relay have accounts');
  await fleet.enter(0, accounts);
  for (const [index, grant] of grants.entries()) {
    const grantHash = new Uint8Array(createHash('sha256').update(grant).digest());
    await fleet.order(Math.floor(index / others), FrameType.invite, encodeInvite({ grantHash, lifetimeS: 3600 }));
  }
  await fleet.enter(accounts, grants.length);
  const runs = [];
  for (let round = 0; round < (work.quick ? 1 : 3); round += 1) {
    runs.push(
      await saturationOf(
        (rate, seconds) =>
          generator.run({
            senders: [0, devices.length],
            broadcast: true,
            fanout: others,
            ...(rate !== undefined && { rate: rate / others }),
            window: rate === undefined ? 1 : 8,
            ...MAIL,
            seconds,
            pids: server.pids,
          }),
        work.quick ? 0.6 : 1,
      ),
    );
  }
  const row = { bench: 'relay', case: `broadcast to ${others}`, subject: 'ours', unit: '/s' };
  return [
    {
      ...row,
      metric: 'deliveries_per_core_second',
      value: Math.round(median(runs.map(({ result }) => perCoreSecond(result)))),
    },
    { ...row, metric: 'deliveries_per_second', value: Math.round(median(runs.map(({ rate }) => rate))) },
  ];
}
