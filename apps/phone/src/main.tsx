import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import type { Places } from './app/open-places.tsx';
import { takeArrival } from './app/arrival.ts';
import { onCalled } from './app/called.ts';
import { keepSignIn } from './app/returned-sign-in.ts';
import { keepShell } from './app/updates.ts';
import { keepInvitation } from './computers/followed-invitation.ts';
import { createPhone } from './engine/browser-phone.ts';
import './index.css';
import { keepInstallOffer } from './install/install-offer.ts';
import { ModelProvider } from './model/use-model.tsx';
import { takeLinkAtStart } from './pair/pending-link.tsx';

// Before anything else reads or keeps the address.
takeLinkAtStart();
const arrival = takeArrival(window);
if (arrival?.is === 'invited') keepInvitation(arrival.code);
else if (arrival !== null && arrival.is !== 'request') keepSignIn(arrival);
keepInstallOffer();

/** The worker fetches every file of the app, which would stand in the first screen's way. */
const shellAfterMs = 1_000;

let places: Promise<Places> | undefined;
function loadPlaces(): Promise<Places> {
  places ??= import('./app/open-places.tsx').then(({ openPlaces }) => openPlaces());
  return places;
}

const phone = createPhone();
if (arrival?.is === 'request') phone.show(arrival.hash);
onCalled((hash) => {
  if (hash !== null) phone.show(hash);
  if (phone.getSnapshot().phase.is === 'ready') void loadPlaces().then((opened) => opened.openInbox());
});

function draw(): void {
  const root = document.getElementById('root');
  if (root === null) throw new Error('index.html has no #root');
  createRoot(root).render(
    <StrictMode>
      <ModelProvider model={phone}>
        <App loadPlaces={loadPlaces} />
      </ModelProvider>
    </StrictMode>,
  );
}

// index.html shows that it starts: drawing the same once more would only delay what comes next.
const unsubscribe = phone.subscribe(begin);
begin();

function begin(): void {
  if (phone.getSnapshot().phase.is === 'loading') return;
  unsubscribe();
  // A phone that is set up is opened for its places: drawn with them, so that nothing else stands there first.
  if (phone.getSnapshot().phase.is === 'ready') void loadPlaces().then(draw, draw);
  else draw();
  if (import.meta.env.PROD) setTimeout(() => void keepShell(), shellAfterMs);
}
