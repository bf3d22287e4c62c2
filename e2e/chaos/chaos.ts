/**
 * Many devices write to each other through a relay of three nodes while its parts are ended at random: every durable
 * message that the relay accepted is opened exactly once, every other once or its sender is told.
 */
import { join } from 'node:path';
import { ReplayLog } from '../../packages/host/src/state/replay-log.ts';
import { Random } from '../fuzz/random.ts';
import { Cluster } from '../lib/cluster.ts';
import { MailBook, type MailCounts } from '../lib/mail-book.ts';
import { MailDevice } from '../lib/mail-device.ts';
import { Steps } from '../lib/steps.ts';
import { tempFolder } from '../lib/temp.ts';
import { type Fault, pause, Troublemaker } from './troublemaker.ts';

export interface ChaosOptions {
  readonly seconds: number;
  /** Which faults come when, and who writes to whom, follow from it; what the machine makes of it does not. */
  readonly seed: number;
  readonly devices: number;
}

export interface ChaosReport extends ChaosOptions {
  readonly faults: Readonly<Partial<Record<Fault, number>>>;
  readonly durable: MailCounts;
  readonly notDurable: MailCounts;
  /** Bodies that came again and were dropped by their receiver. */
  readonly cameAgain: number;
  /** Messages that were not sent, as their sender was not connected and was told so at once. */
  readonly notSent: number;
  /** What came and could not be opened. */
  readonly broken: number;
  /** Whether nothing is left that was neither opened nor told. */
  readonly allAccountedFor: boolean;
}

/** Each device writes to so many others. */
const PEERS = 4;
/** A round of messages, and how many are in it. */
const ROUND_MS = 100;
const ROUND_MESSAGES = 12;
/** One message in so many is not durable. */
const NOT_DURABLE = 3;
/** After the last fault: how long nothing may come before the rest counts as lost. */
const PATIENCE_MS = 45_000;
/** How long all may take beside the trouble itself. */
const STEPS_WITHIN_MS = 220_000;

export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { seconds, seed } = options;
  const random = new Random(seed, 'messages');
  using folder = tempFolder('palmkey-chaos-');
  await using cluster = await Cluster.start(3);
  const book = new MailBook();
  const steps = new Steps(seconds * 1_000 + STEPS_WITHIN_MS, () => cluster.output.slice(-8_000));
  const devices = await steps.step('devices are let in', () =>
    pairedDevices(options, cluster.origin, folder.path, book),
  );
  const trouble = new Troublemaker(cluster, devices, new Random(seed, 'faults'), (device) =>
    book.onProgramEnded(device),
  );
  const over = AbortSignal.timeout(seconds * 1_000);
  const troubled = trouble.run(over);
  while (!over.aborted) {
    for (let i = 0; i < ROUND_MESSAGES; i++) {
      const from = random.below(devices.length);
      const to = (from + 1 + 2 * random.below(PEERS)) % devices.length;
      const [sender, recipient] = [devices[from], devices[to]];
      if (sender && recipient) await book.send(sender, recipient, !random.oneIn(NOT_DURABLE));
    }
    await pause(ROUND_MS);
  }
  await steps.step('everything runs again', () => troubled);
  const allAccountedFor = await steps.step('each message is accounted for', () => book.allAccountedFor(PATIENCE_MS));
  for (const device of devices) device.stop();
  return {
    ...options,
    faults: Object.fromEntries(trouble.happened),
    durable: book.counts(true),
    notDurable: book.counts(false),
    cameAgain: book.replayed,
    notSent: book.notSent,
    broken: book.broken.length,
    allAccountedFor,
  };
}

/** Computers and phones by turns, so that each writes to devices of the other kind; connected. */
async function pairedDevices(
  { devices: count }: ChaosOptions,
  relay: string,
  folder: string,
  book: MailBook,
): Promise<MailDevice[]> {
  const devices: MailDevice[] = [];
  for (let i = 0; i < count; i++) {
    devices.push(
      await MailDevice.make({
        relay,
        role: i % 2 === 0 ? 'asks' : 'decides',
        name: `Device ${i}`,
        replay: new ReplayLog(join(folder, `replay-${i}`), () => Date.now()),
        events: book,
      }),
    );
  }
  for (const [i, device] of devices.entries()) {
    for (let step = 1; step <= 2 * PEERS; step += 2) {
      const other = devices[(i + step) % count];
      if (!other) continue;
      device.knows(other);
      other.knows(device);
    }
  }
  await Promise.all(devices.map((device) => device.client.connected()));
  return devices;
}

/** The report as a table. */
export function chaosTable(report: ChaosReport): string {
  const { seconds, seed, devices, faults, durable, notDurable, cameAgain, notSent, broken } = report;
  const row = (name: string, a: number | string, b: number | string): string =>
    `${name.padEnd(34)}${String(a).padStart(9)}${String(b).padStart(13)}`;
  return [
    `${devices} devices, ${seconds} s, seed ${seed}`,
    ...Object.entries(faults).map(([fault, times]) => `${fault.padEnd(34)}${String(times).padStart(9)}`),
    row('', 'durable', 'not durable'),
    row('sent', durable.sent, notDurable.sent),
    row('accepted by the relay', durable.accepted, notDurable.accepted),
    row('opened once', durable.openedOnce, notDurable.openedOnce),
    row('not opened, its sender was told', durable.told, notDurable.told),
    row('opened more than once', durable.openedMoreThanOnce, notDurable.openedMoreThanOnce),
    row('accepted and lost', durable.lost, notDurable.lost),
    row('neither accepted nor told', durable.underWay, notDurable.underWay),
    `came again and dropped by its receiver: ${cameAgain}; not sent, sender not connected: ${notSent}; broken: ${broken}`,
  ].join('\n');
}

/** What is wrong in a report, in words; empty when all promises were kept. */
export function brokenPromises({ durable, notDurable, broken, allAccountedFor }: ChaosReport): string[] {
  const wrong: string[] = [];
  if (durable.lost > 0) wrong.push(`${durable.lost} durable messages were accepted and lost`);
  if (notDurable.lost > 0) wrong.push(`${notDurable.lost} messages were accepted and lost, and nobody was told`);
  if (durable.openedMoreThanOnce + notDurable.openedMoreThanOnce > 0) wrong.push('a message was opened twice');
  if (durable.openedOnce !== durable.sent) wrong.push('a durable message was not opened');
  if (durable.underWay + notDurable.underWay > 0 || !allAccountedFor)
    wrong.push('what became of a message was not told');
  if (broken > 0) wrong.push(`${broken} bodies could not be opened`);
  return wrong;
}
