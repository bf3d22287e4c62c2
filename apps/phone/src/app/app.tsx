import { lazy, Suspense, use, useCallback, useEffect, useState } from 'react';
import { useJoinLink } from '../devices/followed-link.ts';
import { FirstRun } from '../first-run/first-run.tsx';
import { useModel, usePhone } from '../model/use-model.tsx';
import { usePendingLink } from '../pair/pending-link.tsx';
import { Announcer } from './announcer.tsx';
import type { Places } from './open-places.tsx';
import { BrokenPage, ElsewherePage, LoadingPage, UnsupportedPage } from './phase-pages.tsx';

const RemovedPage = lazy(() =>
  import('../devices/removed-page.tsx').then((module) => ({ default: module.RemovedPage })),
);
const UnlockPage = lazy(() =>
  import('../passphrase/unlock-page.tsx').then((module) => ({ default: module.UnlockPage })),
);
const LockScreen = lazy(() => import('../lock/lock-screen.tsx').then((module) => ({ default: module.LockScreen })));

/** The same promise each time. */
type LoadPlaces = () => Promise<Places>;

function PlacesView({ loadPlaces }: { loadPlaces: LoadPlaces }) {
  const { View } = use(loadPlaces());
  return <View />;
}

/** Set up or in the middle of it: first run goes on after the key exists, until the first question or the person leaves. */
function Running({ loadPlaces }: { loadPlaces: LoadPlaces }) {
  const { phase, waiting, pairing, account } = useModel();
  const phone = usePhone();
  const firstRun = phase.is === 'first-run';
  const [settingUp, setSettingUp] = useState(firstRun);
  if (firstRun && !settingUp) setSettingUp(true);
  // A question has come: that is what it was all for.
  const questionCame = settingUp && !firstRun && waiting.length > 0;
  if (questionCame) setSettingUp(false);
  const seenPaired = !settingUp && pairing.is === 'paired' && waiting.length > 0;
  useEffect(() => {
    if (seenPaired) phone.dismissPairing();
  }, [seenPaired, phone]);

  // Once the key is made there is time, and they will be wanted.
  useEffect(() => {
    if (!firstRun) void loadPlaces();
  }, [firstRun, loadPlaces]);

  const onOpened = useCallback(() => {
    if (!settingUp) void loadPlaces().then((places) => places.openAddComputer());
  }, [settingUp, loadPlaces]);
  const linkWaits = usePendingLink(!firstRun, settingUp, onOpened);

  const joinLink = useJoinLink();
  useEffect(() => {
    if (joinLink !== null && !settingUp) void loadPlaces().then((places) => places.openAddDevice());
  }, [joinLink, settingUp, loadPlaces]);

  const getIn = (relay: string) =>
    void loadPlaces().then((places) => {
      places.openAdmission(relay);
      setSettingUp(false);
    });

  const openWords = () => void loadPlaces().then((places) => places.openWords());

  if (account !== null && account.removed !== null) {
    return (
      <Suspense fallback={<LoadingPage />}>
        <RemovedPage removed={account.removed} />
      </Suspense>
    );
  }
  if (settingUp) {
    return <FirstRun linkWaits={linkWaits} onDone={() => setSettingUp(false)} onGetIn={getIn} onWords={openWords} />;
  }
  return (
    <Suspense fallback={<LoadingPage />}>
      <PlacesView loadPlaces={loadPlaces} />
    </Suspense>
  );
}

/** One page for each phase of the model. */
export function App({ loadPlaces }: { loadPlaces: LoadPlaces }) {
  const { phase, lock } = useModel();
  switch (phase.is) {
    case 'loading':
      return <LoadingPage />;
    case 'elsewhere':
      return <ElsewherePage />;
    case 'unsupported':
      return <UnsupportedPage missing={phase.missing} />;
    case 'broken':
      return <BrokenPage reason={phase.reason} />;
    case 'passphrase':
      return (
        <Suspense fallback={<LoadingPage />}>
          <UnlockPage />
        </Suspense>
      );
    case 'first-run':
    case 'ready':
      if (lock.is === 'on' && lock.locked) {
        return (
          <Suspense fallback={<LoadingPage />}>
            <LockScreen lock={lock} />
          </Suspense>
        );
      }
      return (
        <>
          <Announcer />
          <Running loadPlaces={loadPlaces} />
        </>
      );
  }
}
