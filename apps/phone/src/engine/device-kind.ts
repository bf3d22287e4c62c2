/** What this installation is to its person. */
export type OwnDeviceKind = 'phone' | 'tablet' | 'browser';

/** A guess from the browser's own description of itself: only a word beside the device's name rests on it. */
export function deviceKindOf(userAgent: string): OwnDeviceKind {
  if (userAgent.includes('iPad')) return 'tablet';
  if (userAgent.includes('Android')) return userAgent.includes('Mobile') ? 'phone' : 'tablet';
  return /iPhone|iPod/.test(userAgent) ? 'phone' : 'browser';
}
