const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** A span of time in two units at most: `24 s`, `3 min`, `1 h 2 min`, `5 d`. */
export function span(ms: number): string {
  const size = Math.abs(ms);
  if (size < minute) return `${Math.round(size / second)} s`;
  if (size < hour) return `${Math.floor(size / minute)} min`;
  if (size < day) {
    const minutes = Math.floor((size % hour) / minute);
    return `${Math.floor(size / hour)} h${minutes === 0 ? '' : ` ${minutes} min`}`;
  }
  return `${Math.floor(size / day)} d`;
}

/** A moment in local time, as short as it can be told apart from now: `14:05`, `12 Mar 14:05`, `12 Mar 2025`. */
export function moment(at: number, now: number): string {
  const then = new Date(at);
  const today = new Date(now);
  const time = `${two(then.getHours())}:${two(then.getMinutes())}`;
  if (then.toDateString() === today.toDateString()) return time;
  const date = `${then.getDate()} ${months[then.getMonth()] ?? ''}`;
  return then.getFullYear() === today.getFullYear() ? `${date} ${time}` : `${date} ${then.getFullYear()}`;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (value: number) => String(value).padStart(2, '0');
