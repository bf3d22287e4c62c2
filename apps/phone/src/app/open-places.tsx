import { createBrowserHistory, RouterProvider, type RouterHistory } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import { createPages } from './router.tsx';

/** The app's places with the router under them, which the first run does without: loaded apart. */
export interface Places {
  readonly View: ComponentType;
  openAddComputer(): void;
  openInbox(): void;
  openAdmission(relay: string): void;
  openAddDevice(): void;
  openWords(): void;
}

/** Over the browser's address bar, or another history for the gallery. */
export function openPlaces(routerHistory: RouterHistory = createBrowserHistory()): Places {
  const pages = createPages(routerHistory);
  return {
    View: () => <RouterProvider router={pages} />,
    openInbox: () => void pages.navigate({ to: '/' }),
    openAdmission: (relay) => void pages.navigate({ to: '/computers/admission', search: { relay } }),
    openAddDevice: () => void pages.navigate({ to: '/devices/add' }),
    openWords: () => void pages.navigate({ to: '/devices/words' }),
    openAddComputer: () => void pages.navigate({ to: '/computers/add' }),
  };
}
