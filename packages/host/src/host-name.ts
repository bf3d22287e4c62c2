import { hostname } from 'node:os';
import { type DeviceName, isDeviceName, parseDeviceName, toPlainText } from '@palmkey/core/devices';

/** What phones call this computer: the wanted name, the system's where that is none, or at last what it is. */
export function hostNameOf(wanted: string, system: string = hostname()): DeviceName {
  const names = [wanted, toPlainText(wanted.trim(), 64), toPlainText(system.trim(), 64)];
  return parseDeviceName(names.find(isDeviceName) ?? 'computer');
}
