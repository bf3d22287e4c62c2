import { useId } from 'react';

interface Props {
  label: string;
  hint?: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

/** On or off, with words; the knob's place and a tick say which, not its colour alone. */
export function Switch({ label, hint, checked, onChange }: Props) {
  const id = useId();
  return (
    <div className="flex items-start gap-3">
      <div className="min-w-0 flex-1 py-3">
        <label htmlFor={id} className="block cursor-pointer font-medium text-ink">
          {label}
        </label>
        {hint !== undefined && (
          <p id={`${id}-hint`} className="text-small text-muted">
            {hint}
          </p>
        )}
      </div>
      <button
        id={id}
        type="button"
        role="switch"
        aria-checked={checked}
        {...(hint !== undefined && { 'aria-describedby': `${id}-hint` })}
        onClick={() => onChange(!checked)}
        className="group flex h-12 w-14 shrink-0 items-center justify-end"
      >
        <span className="flex h-8 w-14 items-center rounded-full border-2 border-line-strong bg-sunken px-0.5 transition-colors duration-150 group-aria-checked:border-accent group-aria-checked:bg-accent">
          <span className="flex size-6 items-center justify-center rounded-full bg-line-strong text-small font-bold text-accent transition-transform duration-150 group-aria-checked:translate-x-6 group-aria-checked:bg-on-accent">
            {checked && <span aria-hidden="true">✓</span>}
          </span>
        </span>
      </button>
    </div>
  );
}
