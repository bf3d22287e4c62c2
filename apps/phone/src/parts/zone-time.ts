const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

const two = (value: number): string => String(value).padStart(2, '0');

/**
 * A moment as its writer's clock showed it: `12 Mar 2026, 14:05 +0100`. A zone that is none leaves the time in UTC and
 * stands beside it as written; a moment outside of what dates can be is given in seconds.
 * @param at ms since 1970
 * @param zone as git writes it, `+hhmm` or `-hhmm`
 */
export function formatInZone(at: number, zone: string): string {
  const match = /^([+-])(\d\d)([0-5]\d)$/.exec(zone);
  const minutes = match === null ? 0 : Number(`${match[1]}1`) * (Number(match[2]) * 60 + Number(match[3]));
  const there = new Date(at + minutes * 60_000);
  if (Number.isNaN(there.getTime())) return `${at / 1000} s after 1970 ${zone}`;
  const day = `${there.getUTCDate()} ${months[there.getUTCMonth()] ?? ''} ${there.getUTCFullYear()}`;
  const time = `${two(there.getUTCHours())}:${two(there.getUTCMinutes())}`;
  return match === null ? `${day}, ${time} UTC, zone ${zone}` : `${day}, ${time} ${zone}`;
}
