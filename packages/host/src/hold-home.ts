import { ControlClient } from './control/client.ts';
import { paths } from './paths.ts';
import { type Hold, holdFolder } from './state/single-daemon.ts';

/**
 * Takes a home folder for this process; a daemon that runs on it would answer.
 * @throws StateError `already-running`, `not-writable`
 */
export function holdHome(home: string): Promise<Hold> {
  const { lock, controlSocket } = paths(home);
  return holdFolder(lock, () => answers(controlSocket));
}

async function answers(controlSocket: string): Promise<boolean> {
  try {
    (await ControlClient.connect(controlSocket)).close();
    return true;
  } catch {
    return false;
  }
}
