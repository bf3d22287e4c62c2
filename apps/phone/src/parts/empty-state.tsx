import type { ReactNode } from 'react';

/** Nothing here yet: says so, and what would put something here. */
export function EmptyState({ title, picture, children }: { title: string; picture?: ReactNode; children?: ReactNode }) {
  return (
    <div className="flex flex-col items-center px-4 py-10 text-center">
      {picture}
      <p className="mt-4 text-large font-semibold">{title}</p>
      {children !== undefined && <div className="mt-2 max-w-sm text-balance text-muted">{children}</div>}
    </div>
  );
}
