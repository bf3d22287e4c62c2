import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import type { Places } from './app/open-places.tsx';
import { keepShell } from './app/updates.ts';
import { createPhone } from './engine/phone-engine.ts';
import './index.css';
import { ModelProvider } from './model/use-model.tsx';
import { takeLinkAtStart } from './pair/pending-link.tsx';

// Before anything else reads or keeps the address.
takeLinkAtStart();

let places: Promise<Places> | undefined;
function loadPlaces(): Promise<Places> {
  places ??= import('./app/open-places.tsx').then(({ openPlaces }) => openPlaces());
  return places;
}

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <ModelProvider model={createPhone()}>
      <App loadPlaces={loadPlaces} />
    </ModelProvider>
  </StrictMode>,
);

if (import.meta.env.PROD) void keepShell();
