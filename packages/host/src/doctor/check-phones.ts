/** Whether the daemon runs and each of its phones answers. */
import type { ControlClient } from '../control/client.ts';
import type { PhoneFact, StatusFact } from '../control/protocol.ts';
import { type Finding, finding } from './finding.ts';

/** `version`: this program's. */
export function checkDaemon(status: StatusFact, version: string): Finding[] {
  const detail = { found: status.version, version, pid: status.pid };
  return [
    finding('daemon', status.version === version ? 'daemon-fine' : 'daemon-other-version', detail),
    ...(status.deviceKeys === 'locked' ? [finding('daemon', 'daemon-locked')] : []),
    ...(status.agentLocked ? [finding('agent', 'agent-locked')] : []),
  ];
}

/** Pings every phone at once. */
export async function checkPhones(control: ControlClient, phones: readonly PhoneFact[]): Promise<Finding[]> {
  if (phones.length === 0) return [finding('phone', 'phone-none')];
  return [...(await Promise.all(phones.map((phone) => checkPhone(control, phone)))).flat(), ...secondWayIn(phones)];
}

/** Where all keys are on one phone, they go with it. What else lets the person in, only they know. */
export function secondWayIn(phones: readonly Pick<PhoneFact, 'name' | 'keys'>[]): Finding[] {
  const [holder, ...others] = phones.filter(({ keys }) => keys.length > 0);
  return holder === undefined || others.length > 0 ? [] : [finding('phone', 'phone-alone', { name: holder.name })];
}

async function checkPhone(control: ControlClient, phone: PhoneFact): Promise<Finding[]> {
  const detail = {
    name: phone.name,
    id: phone.id,
    software: phone.software,
    protocol: phone.protocol,
    lastSeenAt: phone.lastSeenAt,
  };
  const noKey = phone.keys.length === 0 ? [finding('phone', 'phone-no-key', detail)] : [];
  if (phone.update !== null)
    return [finding('phone', phone.update === 'us' ? 'phone-newer' : 'phone-older', detail), ...noKey];
  if (phone.reach === 'absent') return [finding('phone', 'phone-away', detail), ...noKey];
  const { answered, tookMs, code, skewMs } = await control.call('ping-phone', { phone: phone.id });
  if (answered) return [finding('phone', 'phone-fine', { ...detail, tookMs: Math.round(tookMs ?? 0) }), ...noKey];
  if (code !== null) return [finding('phone', 'phone-refuses', { ...detail, code, skewMs }), ...noKey];
  return [finding('phone', phone.reach === 'here' ? 'phone-silent' : 'phone-away', detail), ...noKey];
}
