/** Every screen over the fixture model: `gallery.html?screen=NAME`; built only by `vite build --mode gallery`. */
import { createMemoryHistory } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { openPlaces } from './app/open-places.tsx';
import './index.css';
import { keepInstallOffer } from './install/install-offer.ts';
import { createFixture } from './model/fixture.ts';
import { galleryScreens } from './model/fixture-screens.ts';
import { ModelProvider } from './model/use-model.tsx';

keepInstallOffer();

const name = new URLSearchParams(location.search).get('screen') ?? '';
const screen = galleryScreens[name];
const places = Promise.resolve(openPlaces(createMemoryHistory({ initialEntries: [screen?.path ?? '/'] })));
const root = document.getElementById('root');
if (root === null) throw new Error('gallery.html has no #root');

createRoot(root).render(
  screen === undefined ? (
    <ul>
      {Object.keys(galleryScreens).map((known) => (
        <li key={known}>
          <a href={`?screen=${known}`}>{known}</a>
        </li>
      ))}
    </ul>
  ) : (
    <StrictMode>
      <ModelProvider model={createFixture(screen.snapshot)}>
        <App loadPlaces={() => places} />
      </ModelProvider>
    </StrictMode>
  ),
);
