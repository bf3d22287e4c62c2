const phones = ['iPhone', 'iPad', 'Android'] as const;
// In this order: each browser's description also contains the names of those after it.
const browsers = [
  ['Firefox/', 'Firefox'],
  ['Edg/', 'Edge'],
  ['Chrom', 'Chrome'],
  ['Safari/', 'Safari'],
] as const;
const systems = [
  ['Mac OS X', 'Mac'],
  ['Windows', 'Windows'],
  ['Linux', 'Linux'],
] as const;

/** A first guess at what a person would call this device, from the browser's own description of itself. */
export function defaultDeviceName(userAgent: string): string {
  const phone = phones.find((name) => userAgent.includes(name));
  if (phone !== undefined) return phone;
  const browser = browsers.find(([sign]) => userAgent.includes(sign))?.[1] ?? 'Browser';
  const system = systems.find(([sign]) => userAgent.includes(sign))?.[1];
  return system === undefined ? browser : `${browser} on ${system}`;
}
