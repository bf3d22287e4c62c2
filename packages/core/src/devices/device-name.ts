import type { Brand } from '@palmkey/envelope';
import { PalmkeyError } from '@palmkey/envelope';
import { isPlainText } from './plain-text.ts';

/** What a person calls a device: plain text of 1 to 64 characters and at most 255 bytes, without spaces at its ends. */
export type DeviceName = Brand<string, 'DeviceName'>;

/** The longest device name, in characters (code points). */
export const MAX_DEVICE_NAME_CHARACTERS = 64;
const MAX_DEVICE_NAME_BYTES = 255;

/** A text that is no device name. */
export class DeviceNameError extends PalmkeyError {
  override readonly name = 'DeviceNameError';
  readonly code = 'bad-name';
}

/** Takes a text as a {@link DeviceName}; throws {@link DeviceNameError} (spec/devices.md, "Names"). */
export function parseDeviceName(text: string): DeviceName {
  if (!isDeviceName(text)) throw new DeviceNameError('a text that is no device name');
  return text;
}

/** Whether the text is a device name (spec/devices.md, "Names"). */
export function isDeviceName(text: string): text is DeviceName {
  return (
    text !== '' &&
    text === text.trim() &&
    isPlainText(text, MAX_DEVICE_NAME_CHARACTERS) &&
    new TextEncoder().encode(text).length <= MAX_DEVICE_NAME_BYTES
  );
}
