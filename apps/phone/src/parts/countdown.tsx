import { Icon } from './icon.tsx';
import { useNow } from './use-now.ts';

/** Seconds left until a moment of this device's clock, never below 0; `now` is cut to whole seconds, so this is not. */
function secondsLeft(endsAt: number, now: number): number {
  return Math.max(0, Math.floor((endsAt - now) / 1000));
}

/** Time left, in digits that do not dance. Hidden from screen readers, which would read every second of it. */
export function Countdown({ endsAt }: { endsAt: number }) {
  const seconds = secondsLeft(endsAt, useNow());
  const text = seconds >= 60 ? `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}` : `${seconds} s`;
  return (
    <span
      role="timer"
      aria-label={`Ends in ${seconds} seconds`}
      className={`inline-flex items-center gap-1 text-base font-medium whitespace-nowrap tabular-nums ${seconds <= 10 ? 'text-amber' : 'text-muted'}`}
    >
      <Icon name="clock" size={16} />
      {text}
    </span>
  );
}

/** The same as a line that gets shorter: seen without reading. */
export function TimeLine({ startedAt, endsAt }: { startedAt: number; endsAt: number }) {
  const now = useNow();
  const share = Math.min(1, Math.max(0, (endsAt - now) / Math.max(1, endsAt - startedAt)));
  return (
    <div aria-hidden="true" className="h-1 bg-line">
      <div
        className={`h-full origin-left transition-transform duration-1000 ease-linear ${endsAt - now <= 10_000 ? 'bg-amber-line' : 'bg-accent'}`}
        style={{ transform: `scaleX(${share})` }}
      />
    </div>
  );
}
