/**
 * What a connection costs that does nothing: (RSS at n − RSS at 0) / n, after garbage was collected where there is any.
 * In that is what a program's heap grows by once, whatever it does, so what a further connection costs stands beside it.
 * The server is cold: nobody had connected before.
 */
import type { Row } from '../rows.ts';
import { residentKib } from './processor.ts';
import { type Server, startNodeServer, startRelayServer } from './servers.ts';
import { natsServer, openScene, type Subject } from './subjects.ts';
import type { Work } from './work.ts';

const COUNTS = [1_000, 5_000, 10_000] as const;
const collecting = ['--expose-gc'];

const subjects: readonly Pick<Subject, 'name' | 'start'>[] = [
  { name: 'ours', start: (built, folder) => startRelayServer(built, folder, { node: collecting }) },
  { name: 'ws', start: ({ ws }) => startNodeServer(ws, collecting) },
  natsServer,
];

export const memoryCase = { name: 'memory', run: memory };

async function memory(work: Work): Promise<Row[]> {
  const rows: Row[] = [];
  for (const subject of subjects) {
    const measured: { readonly connections: number; readonly full: number }[] = [];
    for (const connections of work.quick ? COUNTS.slice(0, 1) : COUNTS) {
      let empty = 0;
      const start: Subject['start'] = async (built, folder) => {
        const server = await subject.start(built, folder);
        empty = await restingKib(server);
        return server;
      };
      await using scene = await openScene({ start }, work.built, work.folder, { connections });
      const full = await restingKib(scene.server);
      const kib = (full - empty) / connections;
      const row = { bench: 'relay', case: `${connections} idle connections`, subject: subject.name };
      rows.push({ ...row, metric: 'kib_per_connection', value: Math.round(kib * 100) / 100, unit: 'KiB' });
      measured.push({ connections, full });
    }
    const [least, most] = [measured[0], measured.at(-1)];
    if (!least || !most || least === most) continue;
    rows.push({
      bench: 'relay',
      case: `${least.connections} to ${most.connections} idle connections`,
      subject: subject.name,
      metric: 'kib_per_further_connection',
      value: Math.round(((most.full - least.full) / (most.connections - least.connections)) * 100) / 100,
      unit: 'KiB',
    });
  }
  return rows;
}

/** A server of Node answers the signal by `rss BYTES` once it has collected; another has nothing to collect. */
export async function restingKib({ child, protocol }: Server): Promise<number> {
  if (protocol !== 'palmkey' && protocol !== 'forwarder') return residentKib(child.pid);
  const said = child.stdout.length;
  child.kill('SIGUSR2');
  const line = new RegExp(`^[^]{${said},}rss (\\d+).*\\n`);
  return Number((await child.prints(line))[1]) / 1024;
}
