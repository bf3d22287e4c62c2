import { Link, Outlet, useLocation, useRouterState } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useModel } from '../model/use-model.tsx';
import { focusHeading } from '../parts/focus-heading.ts';
import { PlacesBar } from './places-bar.tsx';

/** Elsewhere than in the inbox, a line over everything says that something asks; it moves nothing. */
function AskingElsewhere() {
  const { waiting } = useModel();
  const [first] = waiting;
  if (first === undefined) return null;
  return (
    <Link
      to="/"
      className="fixed top-2 right-2 z-20 flex min-h-12 animate-appear items-center rounded-xl bg-accent px-4 font-semibold text-on-accent shadow-slip"
    >
      {first.computer.name} asks
    </Link>
  );
}

/** After going to another place, and coming here from the first run or the lock, the page's heading takes the focus. */
function useHeadingFocus(): void {
  // Until the page that comes is here, the one that goes is on the screen.
  const pathname = useRouterState({ select: ({ resolvedLocation }) => resolvedLocation?.pathname ?? null });
  const previous = useRef<string | null>(null);
  useEffect(() => {
    const isFirst = previous.current === null;
    if (pathname === null || pathname === previous.current) return;
    previous.current = pathname;
    // Of a page that was just loaded a screen reader reads all.
    if (isFirst && !navigator.userActivation.hasBeenActive) return;
    window.scrollTo(0, 0);
    focusHeading();
  }, [pathname]);
}

export function Shell() {
  const { pathname } = useLocation();
  useHeadingFocus();
  return (
    <div className="wide:grid wide:grid-cols-[14rem_minmax(0,1fr)]">
      <main className="above-tabs wide:order-2 wide:pb-0">
        <Outlet />
      </main>
      <PlacesBar />
      {pathname !== '/' && !pathname.startsWith('/host-key/') && <AskingElsewhere />}
    </div>
  );
}
