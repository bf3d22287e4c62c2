import { useId, useRef } from 'react';
import { completed, corrected, lookAtTyping } from './typing.ts';

interface Props {
  label: string;
  hint: string;
  value: string;
  /** How many words are wanted, where that is certain: the count is shown. */
  wanted?: number;
  rows: number;
  problem?: string | null;
  /** It is something else than words: nothing is offered. */
  literal?: boolean;
  onChange: (text: string) => void;
}

const chip =
  'inline-flex min-h-12 items-center rounded-xl border border-line-strong bg-paper px-3 font-mono text-base hover:bg-sunken';

/**
 * Words of the list, as many as are typed: offers how the last one can go on, and what a word that is none may have meant.
 * Pasting works, and nothing is kept by the browser.
 */
export function WordListField({ label, hint, value, wanted, rows, problem = null, literal = false, onChange }: Props) {
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const { count, offers, wrong } = lookAtTyping(literal ? '' : value);
  const take = (text: string) => {
    onChange(text);
    area.current?.focus();
  };
  const said =
    problem ??
    (wrong === null ? null : `“${wrong.typed}” is not in the list.${wrong.near.length > 0 ? ' Did you mean:' : ''}`);
  const choices =
    wrong !== null
      ? wrong.near.map((word) => ({ word, text: corrected(value, wrong.index, word) }))
      : offers.map((word) => ({ word, text: completed(value, word) }));
  return (
    <div>
      <label htmlFor={id} className="flex items-baseline justify-between gap-4 font-medium">
        {label}
        {wanted !== undefined && (
          <span className="text-small font-normal whitespace-nowrap text-muted tabular-nums">
            {count} of {wanted}
          </span>
        )}
      </label>
      <textarea
        ref={area}
        id={id}
        rows={rows}
        value={value}
        autoComplete="off"
        autoCapitalize="none"
        autoCorrect="off"
        spellCheck={false}
        aria-invalid={said !== null}
        aria-describedby={`${id}-hint`}
        className="mt-2 block w-full resize-none rounded-xl border border-line-strong bg-paper px-3 py-3 font-mono text-base text-ink aria-invalid:border-danger-line"
        onChange={(event) => onChange(event.target.value)}
      />
      <p
        id={`${id}-hint`}
        aria-live="polite"
        className={`mt-1 text-small ${said === null ? 'text-muted' : 'text-danger'}`}
      >
        {said ?? hint}
      </p>
      <div role="group" aria-label="Words that may be meant" className="mt-2 flex min-h-12 flex-wrap gap-2">
        {choices.map(({ word, text }) => (
          <button key={word} type="button" className={chip} onClick={() => take(text)}>
            {word}
          </button>
        ))}
      </div>
    </div>
  );
}
