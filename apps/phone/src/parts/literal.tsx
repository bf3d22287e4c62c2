import { Fragment, useState } from 'react';
import { visibleParts, type VisiblePart } from './visible-text.ts';

const foldedLength = 200;

function Part({ part }: { part: VisiblePart }) {
  switch (part.is) {
    case 'text':
      // A line may break after a dot before it breaks anywhere; what is copied stays the same.
      return part.text.split(/(?<=\.)/).map((piece, index) => (
        <Fragment key={index}>
          {index > 0 && <wbr />}
          {piece}
        </Fragment>
      ));
    case 'foreign':
      return (
        <span
          className="underline decoration-amber-line decoration-dotted underline-offset-4"
          title="Not a plain Latin letter"
        >
          {part.text}
        </span>
      );
    case 'control':
      return (
        <span className="mx-0.5 rounded-sm border border-amber-line bg-amber-soft px-0.5 text-small text-amber">
          {part.text}
        </span>
      );
  }
}

/**
 * Text that means exactly its characters: monospaced, isolated against reordering, hidden characters named,
 * wrapped and never cut without a way to see the rest.
 */
export function Literal({ text, className = '' }: { text: string; className?: string }) {
  const [open, setOpen] = useState(false);
  const chars = Array.from(text);
  const folded = !open && chars.length > foldedLength;
  return (
    <>
      <bdi dir="ltr" className={`font-mono text-wrap whitespace-pre-wrap [overflow-wrap:anywhere] ${className}`}>
        {visibleParts(folded ? chars.slice(0, foldedLength).join('') : text).map((part, index) => (
          <Part key={index} part={part} />
        ))}
      </bdi>
      {folded && (
        <button
          type="button"
          className="ml-1 min-h-12 text-small font-medium text-accent underline"
          onClick={() => setOpen(true)}
        >
          Show all {chars.length} characters
        </button>
      )}
    </>
  );
}
