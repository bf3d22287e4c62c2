import type { ReactNode } from 'react';

/** Facts in a column; put `Fact` rows in it. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="divide-y divide-line border-y border-line">{children}</dl>;
}

/** One fact: its name at the left, what it is at the right, and optionally a `Mark` that says how sure we are. */
export function Fact({ label, mark, children }: { label: string; mark?: ReactNode; children: ReactNode }) {
  return (
    <div className="flex min-h-12 items-start gap-2 py-3">
      <dt className="w-20 shrink-0 text-small leading-6 text-muted">{label}</dt>
      <dd className="min-w-0 flex-1">{children}</dd>
      {mark !== undefined && <dd className="-mr-3 flex h-6 items-center">{mark}</dd>}
    </div>
  );
}
