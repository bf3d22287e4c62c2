import { lazy, Suspense, useState } from 'react';
import { useModel } from '../model/use-model.tsx';
import { Button } from '../parts/button.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { Literal } from '../parts/literal.tsx';
import { Page, Section } from '../parts/page.tsx';
import { MovingPanel } from './moving-panel.tsx';
import { RelayForm } from './relay-form.tsx';

const QrPicture = lazy(() => import('./qr-picture.tsx').then((module) => ({ default: module.QrPicture })));

const back = { to: '/devices', label: 'Devices' } as const;

/** Where the account is, and how it comes to another relay. */
export function RelayPage() {
  const { account } = useModel();
  if (account?.relay == null) {
    return (
      <Page title="Relay" back={back}>
        <EmptyState title="No relay yet">Your account gets one with the first computer that you pair.</EmptyState>
      </Page>
    );
  }
  const { moving, relay, removed } = account;
  const isFree = moving.is !== 'moving' && moving.is !== 'following';
  return (
    <Page title="Relay" back={back}>
      <Section title="Your account is at">
        <p>
          <Literal text={relay} />
        </p>
        <p className="mt-2 text-small text-muted">
          Your devices and computers meet there. It carries what they say, and can read none of it.
        </p>
        <ShownAddress relay={relay} />
      </Section>
      <MovingPanel moving={moving} />
      {isFree && removed === null && <RelayForm awaited={moving.is === 'signing-in' ? moving.to : null} />}
    </Page>
  );
}

/** The address for a device that has to be told by hand. */
function ShownAddress({ relay }: { relay: string }) {
  const [shown, setShown] = useState(false);
  return (
    <div className="mt-2">
      <Button look="quiet" wide aria-expanded={shown} onClick={() => setShown(!shown)}>
        {shown ? 'Hide the QR code' : 'Show it as a QR code'}
      </Button>
      {shown && (
        <Suspense fallback={<p className="text-muted">Drawing it…</p>}>
          <div className="mt-3">
            <QrPicture text={relay} label="QR code of the relay’s address" />
            <p className="mt-2 text-center text-small text-muted">
              A device that could not be told scans it here: Settings, Devices, Relay.
            </p>
          </div>
        </Suspense>
      )}
    </div>
  );
}
