import type { Disk } from '../state/disk.ts';
import type { EventLog } from '../state/event-log.ts';
import { KeyUses } from './key-uses.ts';
import { usesInLog } from './uses-in-log.ts';

/** More than the log has room for. */
const MAX_LOG_FACTS = 100_000;

/**
 * Where keys were used, as the file has it; the first time, the log tells it.
 * @throws StateError
 */
export function openKeyUses(path: string, log: EventLog, disk?: Disk): KeyUses {
  const uses = new KeyUses(path, disk);
  if (uses.isNew) uses.learnAll(usesInLog(log.newest(MAX_LOG_FACTS)));
  return uses;
}
