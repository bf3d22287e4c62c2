import { Fragment, useState } from 'react';
import { visibleParts, type VisiblePart } from './visible-text.ts';

const foldedLength = 200;
/** How much more one press shows of a text that is longer than this. */
const stepLength = 5000;

/** A hidden character by its name. */
export function ControlName({ name }: { name: string }) {
  return (
    <span className="mx-0.5 rounded-sm border border-amber-line bg-amber-soft px-0.5 text-small text-amber">
      {name}
    </span>
  );
}

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
      return <ControlName name={part.text} />;
  }
}

/** The first `length` UTF-16 units of a text, one more rather than half of a pair. */
function firstOf(text: string, length: number): string {
  const high = text.charCodeAt(length - 1);
  return text.slice(0, high >= 0xd800 && high <= 0xdbff ? length + 1 : length);
}

/**
 * Text that means exactly its characters: monospaced, isolated against reordering, hidden characters named,
 * wrapped and never cut without a way to see the rest.
 */
export function Literal({ text, className = '' }: { text: string; className?: string }) {
  const [length, setLength] = useState(foldedLength);
  const folded = text.length > length;
  const all = text.length <= stepLength;
  return (
    <>
      <bdi dir="ltr" className={`font-mono text-wrap whitespace-pre-wrap [overflow-wrap:anywhere] ${className}`}>
        {visibleParts(folded ? firstOf(text, length) : text).map((part, index) => (
          <Part key={index} part={part} />
        ))}
      </bdi>
      {folded && (
        <button
          type="button"
          className="ml-1 min-h-12 text-small font-medium text-accent underline"
          onClick={() => setLength(all ? stepLength : length + stepLength)}
        >
          {all ? 'Show all' : 'Show more of'} {text.length.toLocaleString('en-GB')} characters
        </button>
      )}
    </>
  );
}
