/** The file beside the control socket that says: the daemon begins anew, and listens again in a moment. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';

const pathOf = (controlSocket: string): string => `${controlSocket}.renewing`;

/** Whether the daemon of this control socket begins anew just now, or ended while it did. */
export function isRenewing(controlSocket: string): boolean {
  return existsSync(pathOf(controlSocket));
}

/** Does the work with the mark set. */
export async function whileRenewing(controlSocket: string, work: () => Promise<void>): Promise<void> {
  writeFileSync(pathOf(controlSocket), '', { mode: 0o600 });
  try {
    await work();
  } finally {
    endRenewing(controlSocket);
  }
}

/** Takes the mark away, also one that a daemon which ended has left. */
export function endRenewing(controlSocket: string): void {
  rmSync(pathOf(controlSocket), { force: true });
}
