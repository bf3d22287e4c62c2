import { useId, type ComponentProps } from 'react';

type Props = ComponentProps<'input'> & { label: string; hint?: string; problem?: string | null };

/** A labelled line of text; `problem` stands under it and is announced. */
export function TextField({ label, hint, problem = null, ...rest }: Props) {
  const id = useId();
  return (
    <div>
      <label htmlFor={id} className="block font-medium">
        {label}
      </label>
      <input
        id={id}
        autoComplete="off"
        spellCheck={false}
        aria-invalid={problem !== null}
        aria-describedby={`${id}-hint`}
        className="mt-2 block min-h-12 w-full rounded-xl border border-line-strong bg-paper px-3 text-base text-ink aria-invalid:border-danger-line"
        {...rest}
      />
      <p
        id={`${id}-hint`}
        className={`mt-1 text-small ${problem === null ? 'text-muted' : 'text-danger'}`}
        aria-live="polite"
      >
        {problem ?? hint}
      </p>
    </div>
  );
}
