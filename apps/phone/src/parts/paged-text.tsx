import { useState } from 'react';
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
  const count = pageCount(source.total);
  const shown = Math.min(page, count - 1);
  return (
    <div>
      <div className={`[overflow-wrap:anywhere] whitespace-pre-wrap [unicode-bidi:plaintext] ${className}`}>
        {visibleProse(pageOf(source, shown)).map((part, index) =>
          part.is === 'control' ? <ControlName key={index} name={part.text} /> : part.text,
        )}
      </div>
      {count > 1 && (
        <nav aria-label={label} className="mt-3 flex flex-wrap items-center gap-2 border-t border-line pt-3">
          <Button icon="back" disabled={shown === 0} onClick={() => setPage(shown - 1)}>
            Before
          </Button>
          <p aria-live="polite" className="flex-1 text-center text-small whitespace-nowrap text-muted tabular-nums">
            Page {(shown + 1).toLocaleString('en-GB')} of {count.toLocaleString('en-GB')}
          </p>
          <Button icon="forward" disabled={shown === count - 1} onClick={() => setPage(shown + 1)}>
            Next
          </Button>
          <Button look="quiet" wide onClick={() => setPage(shown === count - 1 ? 0 : count - 1)}>
            {shown === count - 1 ? 'To the first page' : 'To the last page'}
          </Button>
          {hidden && (
            <Button look="quiet" wide onClick={() => setPage(nextWithHidden(source, shown))}>
              To the next hidden character
            </Button>
          )}
        </nav>
      )}
    </div>
  );
}
