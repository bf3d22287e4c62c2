import type { ReactNode } from 'react';

interface Props {
  name: string;
  checked: boolean;
  label: string;
  /** A second line. */
  hint?: ReactNode;
  onChoose: () => void;
}

/** One of a few: a radio button that looks like a button. */
export function Choice({ name, checked, label, hint, onChoose }: Props) {
  return (
    <label className="flex min-h-12 grow cursor-pointer flex-col items-center justify-center rounded-xl border border-line-strong px-3 py-2 text-center text-ink has-checked:border-accent has-checked:bg-accent-soft has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent">
      <input type="radio" name={name} checked={checked} onChange={onChoose} className="sr-only" />
      <span className={`font-medium ${checked ? 'text-accent' : ''}`}>
        {checked && <span aria-hidden="true">✓&nbsp;</span>}
        {label}
      </span>
      {hint !== undefined && <span className="text-small text-muted">{hint}</span>}
    </label>
  );
}
