import { Daemon } from './daemon.ts';
import { holdHome } from './hold-home.ts';
import type { Host, HostOptions } from './host.ts';
import { beginAnew } from './keys/begin-anew.ts';
import { discardHalfWritten } from './keys/device-file.ts';
import { DeviceLock } from './keys/device-lock.ts';
import { LockedDaemon } from './locked-daemon.ts';
import { paths } from './paths.ts';
import { openHome } from './state/open-home.ts';
import { privateFolder } from './state/private-folder.ts';

/**
 * Starts the daemon on a folder; one that only waits for the passphrase where `lock` is locked. When it throws, nothing
 * runs and the folder is let go.
 * @throws StateError `already-running`, `bad-permissions`, `state-broken`, `newer-state`, `not-writable`
 * @throws AgentStartError when the agent's socket cannot be had.
 */
export async function startHost(options: HostOptions, lock: DeviceLock = new DeviceLock(options)): Promise<Host> {
  const at = paths(options.home);
  openHome(options.home);
  privateFolder(at.host);
  const hold = await holdHome(options.home);
  let host: Daemon | LockedDaemon | undefined;
  try {
    discardHalfWritten(options.home);
    beginAnew(options.home, lock);
    const keys = lock.load();
    const release = () => hold.release();
    host =
      keys === null ? new LockedDaemon(options, lock, at, release) : new Daemon(options, { keys, lock }, at, release);
    await host.start();
    return host;
  } catch (error) {
    await host?.close();
    hold.release();
    throw error;
  }
}
