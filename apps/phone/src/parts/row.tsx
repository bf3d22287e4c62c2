import type { ReactNode } from 'react';
import { Icon } from './icon.tsx';

/** The classes of a list row that is a link; its current one is marked on wide screens. */
export const rowClass =
  '-mx-4 flex min-h-16 items-center gap-3 px-4 py-3 transition-colors duration-150 hover:bg-sunken aria-[current=page]:bg-accent-soft';

/** What stands in a row: picture, two lines, an arrow. */
export function RowContent({
  picture,
  title,
  children,
}: {
  picture?: ReactNode;
  title: ReactNode;
  children: ReactNode;
}) {
  return (
    <>
      {picture}
      <span className="min-w-0 flex-1">
        <span className="block font-medium">{title}</span>
        <span className="block text-small text-muted">{children}</span>
      </span>
      <Icon name="forward" className="text-muted" />
    </>
  );
}

/** Rows between hairlines. */
export function Rows({ children }: { children: ReactNode }) {
  return <ul className="divide-y divide-line border-y border-line">{children}</ul>;
}
