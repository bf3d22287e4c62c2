/** The host process alone, paired and idle for a minute: its memory and its processor time. Linux: read from /proc. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { tempFolder } from '../e2e/lib/temp.ts';
import type { BenchOptions, Row } from './rows.ts';
import { openStage } from './stage.ts';

export async function idle({ quick }: BenchOptions): Promise<readonly Row[]> {
  using folder = tempFolder('palmkey-bench-');
  await using stage = await openStage(folder.path);
  const seconds = quick ? 10 : 60;
  // Past the garbage collection that V8 runs some eight seconds after the last activity: idle means idle.
  await wait(20_000);
  const before = cpuMs(stage.host.pid);
  await wait(seconds * 1000);
  const used = cpuMs(stage.host.pid) - before;
  const row = { bench: 'idle', case: `host, paired, ${seconds} s`, subject: 'ours' };
  return [
    { ...row, metric: 'rss_mb', value: rssMb(stage.host.pid), unit: 'MB' },
    { ...row, metric: 'cpu_ms', value: used, unit: 'ms' },
  ];
}

function rssMb(pid: number): number {
  const kb = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kb) / 1024;
}

function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
}
