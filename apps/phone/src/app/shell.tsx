import { Link, Outlet, useLocation } from '@tanstack/react-router';
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
function useHeadingFocus(pathname: string): void {
  // Of a page that was just loaded a screen reader reads all.
  const previous = useRef(navigator.userActivation.hasBeenActive ? null : pathname);
  useEffect(() => {
    if (previous.current === pathname) return;
    previous.current = pathname;
    window.scrollTo(0, 0);
    if (focusHeading()) return;
    // The page is still being fetched.
    const observer = new MutationObserver(() => {
      const isFree = document.activeElement === document.body;
      if (!isFree || focusHeading()) observer.disconnect();
    });
    observer.observe(document.body, { childList: true, subtree: true });
    return () => observer.disconnect();
  }, [pathname]);
}

export function Shell() {
  const { pathname } = useLocation();
  useHeadingFocus(pathname);
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
