import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Icon } from './icon.tsx';

interface Props {
  title: string;
  /** Where "back" goes on a narrow screen; wide screens show the list beside it. */
  back?: { to: '/' | '/computers' | '/permissions' | '/keys' | '/history' | '/settings' | '/devices'; label: string };
  side?: ReactNode;
  children: ReactNode;
}

/** A page or column: title, then content. The title is the page's heading and takes focus after navigation. */
export function Page({ title, back, side, children }: Props) {
  return (
    <div className="mx-auto w-full max-w-xl px-4 pt-4 pb-8 wide:px-8 wide:pt-8">
      {back !== undefined && (
        <Link
          to={back.to}
          className="-ml-2 inline-flex min-h-12 items-center gap-1 pr-2 font-medium text-accent wide:hidden"
        >
          <Icon name="back" />
          {back.label}
        </Link>
      )}
      <div className="flex min-h-12 items-center justify-between gap-4">
        <h1 tabIndex={-1} data-page-heading className="text-huge font-semibold tracking-tight">
          {title}
        </h1>
        {side}
      </div>
      <div className="mt-4 space-y-8">{children}</div>
    </div>
  );
}

/** A part of a page under a small heading. */
export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h2 className="mb-2 text-small font-semibold text-muted">{title}</h2>
      {children}
    </section>
  );
}
