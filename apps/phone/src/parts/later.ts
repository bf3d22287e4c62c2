import { createElement, useEffect, useSyncExternalStore, type ComponentType, type ReactNode } from 'react';

/** A part of the app that is fetched on its own, ahead of its use where there is time. */
export interface Later<Props extends object> {
  /** Draws it, or what stands in for it until it is there. Unlike a suspended part it shows at once when it is. */
  readonly Part: ComponentType<Props>;
  load(): void;
  isHere(): boolean;
  subscribe(listener: () => void): () => void;
}

/** Fetches a component once; a fetch that failed is tried again at the next `load`. */
export function later<Props extends object>(
  fetchPart: () => Promise<ComponentType<Props>>,
  standIn: ReactNode,
): Later<Props> {
  let part: ComponentType<Props> | null = null;
  let fetching = false;
  const listeners = new Set<() => void>();
  const load = () => {
    if (part !== null || fetching) return;
    fetching = true;
    fetchPart().then(
      (fetched) => {
        part = fetched;
        for (const listener of listeners) listener();
      },
      () => {
        fetching = false;
      },
    );
  };
  const subscribe = (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  function Part(props: Props) {
    const fetched = useSyncExternalStore(subscribe, () => part);
    useEffect(load, []);
    return fetched === null ? standIn : createElement(fetched, props);
  }
  return { Part, load, subscribe, isHere: () => part !== null };
}

/** Is the part there yet. */
export function useIsHere(part: Pick<Later<object>, 'isHere' | 'subscribe'>): boolean {
  return useSyncExternalStore(part.subscribe, part.isHere);
}
