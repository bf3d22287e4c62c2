import { lazy, Suspense, useState, type ReactNode } from 'react';
import { useJoinLink } from '../devices/followed-link.ts';
import { useModel, usePhone } from '../model/use-model.tsx';
import { RelayAsks, useAskingRelay } from '../computers/relay-asks.tsx';
import { PairingPanel } from '../pair/pairing-panel.tsx';
import { TryIt } from '../pair/try-it.tsx';
import { Button } from '../parts/button.tsx';
import { Notice } from '../parts/notice.tsx';
import { Frame } from './frame.tsx';
import { NameStep } from './name-step.tsx';
import { Welcome } from './welcome.tsx';

const steps = 5;

// Who has no account yet, which is most, never needs them.
const JoinFlow = lazy(() => import('../devices/join-flow.tsx').then((module) => ({ default: module.JoinFlow })));
const RejoinFlow = lazy(() => import('../devices/rejoin-flow.tsx').then((module) => ({ default: module.RejoinFlow })));

interface Props {
  linkWaits: boolean;
  onDone: () => void;
  /** To the page on which this device gets in at a relay. */
  onGetIn: (relay: string) => void;
  onWords: () => void;
}

function Into({ children }: { children: ReactNode }) {
  return (
    <Frame progress={null}>
      <h1 className="sr-only">Your account</h1>
      <Suspense
        fallback={
          <p aria-busy="true" className="text-muted">
            One moment…
          </p>
        }
      >
        {children}
      </Suspense>
    </Frame>
  );
}

/** From nothing to the first question: what this is, the key, the pairing, the code, one command to try. */
export function FirstRun({ linkWaits, onDone, onGetIn, onWords }: Props) {
  const { keys, pairing, joining } = useModel();
  const phone = usePhone();
  const [welcomed, setWelcomed] = useState(false);
  const [way, setWay] = useState<'new' | 'join' | 'rejoin'>('new');
  const followed = useJoinLink();
  const fresh = keys.length === 0;
  const leave = () => {
    phone.dismissPairing();
    onDone();
  };

  // A link that was followed, and a way that a reload cut off, lead there by themselves.
  if (way !== 'join' && (joining.is !== 'none' || (fresh && followed !== null))) setWay('join');
  if (way === 'join') {
    return (
      <Into>
        <JoinFlow onBack={() => setWay('new')} onDone={onDone} />
      </Into>
    );
  }
  if (way === 'rejoin') {
    return (
      <Into>
        <RejoinFlow onBack={() => setWay('new')} onDone={onDone} />
      </Into>
    );
  }
  if (fresh) {
    return (
      <Frame progress={{ step: welcomed ? 2 : 1, of: steps }}>
        {welcomed ? (
          <NameStep onMade={() => undefined} />
        ) : (
          <Welcome onNext={() => setWelcomed(true)} onJoin={() => setWay('join')} onRejoin={() => setWay('rejoin')} />
        )}
      </Frame>
    );
  }
  if (pairing.is === 'paired') {
    return (
      <Frame progress={{ step: 5, of: steps }}>
        <TryIt computer={pairing.computer.name} />
        <WordsOffer
          onWords={() => {
            leave();
            onWords();
          }}
        />
        <div className="mt-auto pt-8">
          <Button look="primary" wide className="min-h-14" onClick={leave}>
            Go to the inbox
          </Button>
        </div>
      </Frame>
    );
  }
  return (
    <Frame progress={{ step: pairing.is === 'code' || pairing.is === 'finishing' ? 4 : 3, of: steps }}>
      <h1 tabIndex={-1} className={pairing.is === 'none' ? 'mb-4 text-huge font-semibold tracking-tight' : 'sr-only'}>
        {linkWaits && pairing.is === 'connecting' ? 'This browser came from the link' : 'Pair your computer'}
      </h1>
      <PairingPanel />
      {pairing.is === 'none' && (
        <>
          <Button look="quiet" wide className="my-4" onClick={onDone}>
            Later
          </Button>
          <WayIn onGetIn={onGetIn} />
        </>
      )}
    </Frame>
  );
}

/** Can be put off: home says it again until it is done. */
function WordsOffer({ onWords }: Pick<Props, 'onWords'>) {
  const { account } = useModel();
  if (account?.hasWords !== false) return null;
  return (
    <div className="mt-8">
      <Notice
        tone="calm"
        title="If you lose this device"
        actions={<Button onClick={onWords}>Write down my words</Button>}
      >
        <p>Twelve recovery words bring you back into your account. It takes two minutes, a pen and paper.</p>
      </Notice>
    </div>
  );
}

/** Without a computer, at a relay that does not know this device. */
function WayIn({ onGetIn }: Pick<Props, 'onGetIn'>) {
  const asks = useAskingRelay();
  if (asks?.knows !== false) return null;
  return <RelayAsks relay={asks.relay} getIn={<Button onClick={() => onGetIn(asks.relay)}>Get in</Button>} />;
}
