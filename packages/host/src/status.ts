/** What the daemon says of itself as a whole. */
import { toHex } from '@palmkey/envelope';
import { accountSummary } from './account/account-facts.ts';
import type { StatusFact } from './control/protocol.ts';
import type { Daemon } from './daemon.ts';
import { phoneFact } from './facts.ts';

export function statusOf(daemon: Daemon): StatusFact {
  const { home, version, appUrl, publicUrl, tryCommand } = daemon.options;
  const { account, lines } = daemon;
  return {
    version,
    pid: process.pid,
    startedAt: daemon.startedAt,
    home,
    device: { id: toHex(daemon.device.id), name: daemon.name },
    agentSocket: daemon.paths.agentSocket,
    agentLocked: daemon.isAgentLocked,
    deviceKeys: daemon.lock.state(),
    appUrl,
    publicUrl,
    tryCommand,
    relays: lines.relays(),
    phones: daemon.pairings.list().map((pairing) => phoneFact(pairing, lines, account)),
    account: accountSummary(account, daemon.known(), daemon.moving.trouble),
    pairing: daemon.isPairing,
    waiting: daemon.askPhone.waiting(),
  };
}
