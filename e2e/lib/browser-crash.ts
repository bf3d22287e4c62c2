/** The end of a browser as a battery that runs out makes it: no page hears of it. */
import { readdirSync, readFileSync } from 'node:fs';
import type { PhoneBrowser } from './browser.ts';

/** `kill -9` for the browser that runs on this profile; resolves when it is gone. */
export async function killBrowser({ context }: Pick<PhoneBrowser, 'context'>, profile: string): Promise<void> {
  const closed = new Promise<void>((resolve) => context.once('close', () => resolve()));
  process.kill(processOf(profile), 'SIGKILL');
  await closed;
}

/** Its main process: those that it started for its parts carry a `--type`. */
function processOf(profile: string): number {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const line = commandLineOf(pid);
    if (line.includes(`--user-data-dir=${profile}`) && !line.some((arg) => arg.startsWith('--type='))) {
      return Number(pid);
    }
  }
  throw new Error('no browser runs on that profile');
}

/** Arguments as they were given; none for a process that is gone. */
function commandLineOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split(/[\0 ]/);
  } catch {
    return [];
  }
}
