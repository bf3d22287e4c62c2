import type { ReactNode } from 'react';
import { BrandMark } from '../parts/brand-mark.tsx';

interface Props {
  /** How far along; null where the way has no steps that could be counted. */
  progress: { step: number; of: number } | null;
  children: ReactNode;
}

/** First run's page: name at the top, how far along, one thing to do. */
export function Frame({ progress, children }: Props) {
  return (
    <div className="mx-auto flex min-h-dvh w-full max-w-xl flex-col px-4 pt-4 pb-[calc(1.5rem+env(safe-area-inset-bottom))] wide:justify-center wide:py-12">
      <header className="flex min-h-12 items-center justify-between">
        <p className="flex items-center gap-2 text-large font-semibold tracking-tight">
          <BrandMark flush />
          Palmkey
        </p>
        {progress !== null && (
          <p className="text-small text-muted">
            Step {progress.step} of {progress.of}
          </p>
        )}
      </header>
      <main className="flex flex-1 flex-col pt-6 wide:flex-none">{children}</main>
    </div>
  );
}
