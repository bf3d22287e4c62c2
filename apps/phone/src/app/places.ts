import type { IconName } from '../parts/icon.tsx';

/** Where one can be; the order of the bar. */
export const places = [
  { to: '/', label: 'Inbox', icon: 'inbox' },
  { to: '/computers', label: 'Computers', icon: 'computer' },
  { to: '/keys', label: 'Keys', icon: 'key' },
  { to: '/history', label: 'History', icon: 'history' },
  { to: '/settings', label: 'Settings', icon: 'settings' },
] as const satisfies readonly { to: string; label: string; icon: IconName }[];
