/** What a device is, how it is named, and who is a peer (spec/devices.md). Pure. */
export { deviceIdOf, deviceKeys, publicDevice } from './device.ts';
export type { DeviceKeys, Peer, PeerDirectory, PublicDevice, Role } from './device.ts';
export { DeviceNameError, isDeviceName, MAX_DEVICE_NAME_CHARACTERS, parseDeviceName } from './device-name.ts';
export type { DeviceName } from './device-name.ts';
export { isPlainText, toPlainText } from './plain-text.ts';
