import { setFlagsFromString } from 'node:v8';

/**
 * Keeps the space for young objects as small as it is when this is called: 1 MiB twice at the start of a process. V8
 * would double it in a flood of connections up to 16 MiB twice, and gives it back only to a program that does nothing
 * for seconds. What a relay makes and drops is as well collected a little at a time. For the whole process, until it
 * starts a worker thread; V8 honours a factor below 2 only where it is set after its start.
 */
export function keepYoungHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
