import { useEffect, useRef, useState, type ReactNode } from 'react';

/** How long the button is held, ms (experience: friction grows with risk). */
export const holdMs = 600;

const looks = {
  amber: { frame: 'bg-amber-soft text-amber border-amber-line', fill: 'bg-amber-fill' },
  danger: { frame: 'bg-danger-soft text-danger border-danger-line', fill: 'bg-danger-fill' },
} as const;

interface Props {
  look: keyof typeof looks;
  armed: boolean;
  onHeld: () => void;
  label: string;
  /** What makes a tap too little; second line of the button. */
  reason?: ReactNode;
}

/**
 * Must be held for 0.6 s by finger, or with Space or Enter. Assistive technology that can only click
 * presses twice, at least as far apart.
 */
export function HoldButton({ look, armed, onHeld, label, reason }: Props) {
  const [holding, setHolding] = useState(false);
  const [askedAgain, setAskedAgain] = useState(false);
  const timer = useRef<number | undefined>(undefined);
  const beganAt = useRef(0);
  const clickedAt = useRef<number | null>(null);
  const done = useRef(false);
  useEffect(() => () => clearTimeout(timer.current), []);

  const finish = () => {
    if (done.current) return;
    done.current = true;
    setHolding(false);
    onHeld();
  };
  const begin = (at: number) => {
    if (!armed || holding || done.current) return;
    setHolding(true);
    beganAt.current = at;
    timer.current = window.setTimeout(finish, holdMs);
  };
  const cancel = () => {
    clearTimeout(timer.current);
    setHolding(false);
  };
  /** On a device that is busy the timer comes late; the finger was there all the same. */
  const letGo = (at: number) => {
    if (holding && at - beganAt.current >= holdMs) finish();
    cancel();
  };
  const clickOnly = () => {
    if (!armed) return;
    const now = performance.now();
    if (clickedAt.current !== null && now - clickedAt.current >= holdMs) finish();
    else if (clickedAt.current === null) {
      clickedAt.current = now;
      setAskedAgain(true);
    }
  };

  return (
    <button
      type="button"
      aria-disabled={!armed}
      aria-description={`Hold for ${holdMs / 1000} seconds. With a screen reader, press twice.`}
      className={`relative min-h-14 w-full touch-none overflow-hidden rounded-xl border px-4 py-2 text-center select-none transition-opacity duration-150 aria-disabled:opacity-60 ${looks[look].frame}`}
      onPointerDown={(event) => {
        if (event.button === 0) begin(event.timeStamp);
      }}
      onPointerUp={(event) => letGo(event.timeStamp)}
      onPointerLeave={cancel}
      onPointerCancel={cancel}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => {
        if (event.key !== ' ' && event.key !== 'Enter') return;
        event.preventDefault();
        if (!event.repeat) begin(event.timeStamp);
      }}
      onKeyUp={(event) => letGo(event.timeStamp)}
      onBlur={cancel}
      onClick={(event) => {
        if (event.detail === 0) clickOnly();
      }}
    >
      <span
        aria-hidden="true"
        className={`absolute inset-0 origin-left ${looks[look].fill}`}
        style={{
          transform: `scaleX(${holding ? 1 : 0})`,
          transition: holding ? `transform ${holdMs}ms linear` : 'none',
        }}
      />
      <span className="relative block font-semibold">{askedAgain ? `Press again: ${label.toLowerCase()}` : label}</span>
      {reason !== undefined && <span className="relative block text-small">{reason}</span>}
    </button>
  );
}
