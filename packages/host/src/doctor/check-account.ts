/** Whether this computer is in an account, and what its relay shows of it. */
import type { AccountSummary } from '../control/protocol.ts';
import { type Finding, finding } from './finding.ts';

export function checkAccount(account: AccountSummary | null): Finding[] {
  if (account === null) return [finding('account', 'account-none')];
  const { active, alarm, current, moving, removed, relay } = account;
  const detail = { id: account.id.slice(0, 8), url: relay, active };
  if (removed !== null) return [finding('account', 'account-removed', { ...detail, at: removed.at, by: removed.by })];
  if (alarm !== null)
    return [finding('account', 'account-refused', { ...detail, code: alarm.code, seqno: alarm.seqno })];
  if (moving !== null) {
    return [finding('account', 'account-moving', { ...detail, to: moving.relay, problem: moving.problem })];
  }
  return [finding('account', current ? 'account-fine' : 'account-unchecked', detail)];
}
