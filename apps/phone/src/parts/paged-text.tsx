import { useRef, useState } from 'react';
import { Button } from './button.tsx';
import { ControlName } from './literal.tsx';
import { pageCount, pageOf, type PagedSource } from './text-pages.ts';
import { findHidden, visibleProse } from './visible-text.ts';

/** The page after `page` that has a hidden character, from the beginning again after the last; `page` when none has. */
function nextWithHidden(source: PagedSource, page: number): number {
  const count = pageCount(source.total);
  for (let step = 1; step <= count; step += 1) {
    const candidate = (page + step) % count;
    if (findHidden(pageOf(source, candidate)) !== -1) return candidate;
  }
  return page;
}

interface TurnerProps {
  label: string;
  page: number;
  count: number;
  onTurn: (page: number) => void;
}

function Turner({ label, page, count, onTurn }: TurnerProps) {
  const last = page === count - 1;
  return (
    <nav aria-label={label} className="grid grid-cols-2 gap-2 border-y border-line py-2">
      <p className="col-span-2 text-center text-small text-muted tabular-nums">
        Page {(page + 1).toLocaleString('en-GB')} of {count.toLocaleString('en-GB')}
      </p>
      <Button disabled={page === 0} onClick={() => onTurn(page - 1)}>
        Before
      </Button>
      <Button disabled={last} onClick={() => onTurn(page + 1)}>
        Next
      </Button>
      <Button look="quiet" className="col-span-2" onClick={() => onTurn(last ? 0 : count - 1)}>
        {last ? 'To the first page' : 'To the last page'}
      </Button>
    </nav>
  );
}

interface Props {
  source: PagedSource;
  label: string;
  /** Something in it is hidden: offers the way there. */
  hidden: boolean;
  className?: string;
}

/** Prose with its hidden characters named; a long one is turned page by page, so that its length costs nothing. */
export function PagedText({ source, label, hidden, className = '' }: Props) {
  const [page, setPage] = useState(0);
  const top = useRef<HTMLDivElement>(null);
  const count = pageCount(source.total);
  const shown = Math.min(page, count - 1);
  const turnFromBelow = (next: number) => {
    setPage(next);
    top.current?.scrollIntoView({ block: 'start' });
  };
  return (
    <div ref={top}>
      {count > 1 && <Turner label={`${label}, above`} page={shown} count={count} onTurn={setPage} />}
      {count > 1 && hidden && (
        <Button look="quiet" wide onClick={() => setPage(nextWithHidden(source, shown))}>
          To the next hidden character
        </Button>
      )}
      <p role="status" className="sr-only">
        {count > 1 && shown > 0 ? `Page ${shown + 1}` : ''}
      </p>
      <div
        className={`[overflow-wrap:anywhere] whitespace-pre-wrap [unicode-bidi:plaintext] ${count > 1 ? 'py-3' : ''} ${className}`}
      >
        {visibleProse(pageOf(source, shown)).map((part, index) =>
          part.is === 'control' ? <ControlName key={index} name={part.text} /> : part.text,
        )}
      </div>
      {count > 1 && <Turner label={`${label}, below`} page={shown} count={count} onTurn={turnFromBelow} />}
    </div>
  );
}
