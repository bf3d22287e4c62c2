/** Made on first use: the three take a phone some 150 ms, and the first screens show no time. */
const time = formatter({ hour: '2-digit', minute: '2-digit' });
const day = formatter({ day: 'numeric', month: 'short' });
const dayAndYear = formatter({ day: 'numeric', month: 'short', year: 'numeric' });
const dayMs = 86_400_000;

function formatter(options: Intl.DateTimeFormatOptions): (at: number) => string {
  let made: Intl.DateTimeFormat | undefined;
  return (at) => (made ??= new Intl.DateTimeFormat('en-GB', options)).format(at);
}

function startOfDay(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}

/** `14:05` */
export function formatTime(at: number): string {
  return time(at);
}

/** `12 Mar`, with the year when it is not this one. */
export function formatDate(at: number, now: number): string {
  return new Date(at).getFullYear() === new Date(now).getFullYear() ? day(at) : dayAndYear(at);
}

/** `Today`, `Yesterday`, `12 Mar`. */
export function formatDay(at: number, now: number): string {
  const days = Math.round((startOfDay(now) - startOfDay(at)) / dayMs);
  if (days === 0) return 'Today';
  return days === 1 ? 'Yesterday' : formatDate(at, now);
}

/** `just now`, `5 min ago`, `3 h ago`, `12 Mar`. */
export function formatAgo(at: number, now: number): string {
  const minutes = Math.floor((now - at) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ago`;
  return formatDate(at, now);
}

/** A length of time in its two largest units: `1 h 2 min`, `40 s`. */
export function formatLength(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / 1000);
  const units: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = units.findIndex(([count]) => count > 0);
  if (first === -1) return '0 s';
  return units
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}
