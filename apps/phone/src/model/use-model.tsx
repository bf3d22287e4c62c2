import { createContext, useContext, useSyncExternalStore, type ReactNode } from 'react';
import type { PhoneModel, PhoneSnapshot } from './model.ts';

const ModelContext = createContext<PhoneModel | null>(null);

/** Gives every page below it one model. */
export function ModelProvider({ model, children }: { model: PhoneModel; children: ReactNode }) {
  return <ModelContext value={model}>{children}</ModelContext>;
}

/** What the pages may do. Throws outside `ModelProvider`. */
export function usePhone(): PhoneModel {
  const model = useContext(ModelContext);
  if (model === null) throw new Error('no ModelProvider above this component');
  return model;
}

/** What there is to show; re-renders when the snapshot is replaced. */
export function useModel(): PhoneSnapshot {
  const model = usePhone();
  return useSyncExternalStore(
    (listener) => model.subscribe(listener),
    () => model.getSnapshot(),
  );
}
