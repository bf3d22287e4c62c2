import { ControlClient } from './control/client.ts';
import { Daemon } from './daemon.ts';
import type { Host, HostOptions } from './host.ts';
import { beginAnew, loadDevice } from './keys/device-file.ts';
import { paths } from './paths.ts';
import { openHome } from './state/open-home.ts';
import { privateFolder } from './state/private-folder.ts';
import { holdFolder } from './state/single-daemon.ts';

/**
 * Starts the daemon on a folder. When it throws, nothing runs and the folder is let go.
 * @throws StateError `already-running`, `bad-permissions`, `state-broken`, `newer-state`, `not-writable`
 * @throws AgentStartError when the agent's socket cannot be had.
 */
export async function startHost(options: HostOptions): Promise<Host> {
  const at = paths(options.home);
  openHome(options.home);
  privateFolder(at.host);
  const hold = await holdFolder(at.lock, () => answers(at.controlSocket));
  let host: Daemon | undefined;
  try {
    beginAnew(options.home);
    host = new Daemon(options, loadDevice(options.home), at, () => hold.release());
    await host.start();
    return host;
  } catch (error) {
    await host?.close();
    hold.release();
    throw error;
  }
}

async function answers(controlSocket: string): Promise<boolean> {
  try {
    (await ControlClient.connect(controlSocket)).close();
    return true;
  } catch {
    return false;
  }
}
