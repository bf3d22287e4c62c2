import { useState } from 'react';
import { useModel, usePhone } from '../model/use-model.tsx';
import { RelayAsks, useAskingRelay } from '../computers/relay-asks.tsx';
import { PairingPanel } from '../pair/pairing-panel.tsx';
import { TryIt } from '../pair/try-it.tsx';
import { Button } from '../parts/button.tsx';
import { Frame } from './frame.tsx';
import { NameStep } from './name-step.tsx';
import { Welcome } from './welcome.tsx';

const steps = 5;

interface Props {
  linkWaits: boolean;
  onDone: () => void;
  /** To the page on which this device gets in at a relay. */
  onGetIn: (relay: string) => void;
}

/** From nothing to the first question: what this is, the key, the pairing, the code, one command to try. */
export function FirstRun({ linkWaits, onDone, onGetIn }: Props) {
  const { keys, pairing } = useModel();
  const phone = usePhone();
  const [welcomed, setWelcomed] = useState(false);
  const leave = () => {
    phone.dismissPairing();
    onDone();
  };

  if (keys.length === 0) {
    return (
      <Frame step={welcomed ? 2 : 1} of={steps}>
        {welcomed ? <NameStep onMade={() => undefined} /> : <Welcome onNext={() => setWelcomed(true)} />}
      </Frame>
    );
  }
  if (pairing.is === 'paired') {
    return (
      <Frame step={5} of={steps}>
        <TryIt computer={pairing.computer.name} />
        <div className="mt-auto pt-8">
          <Button look="primary" wide className="min-h-14" onClick={leave}>
            Go to the inbox
          </Button>
        </div>
      </Frame>
    );
  }
  return (
    <Frame step={pairing.is === 'code' || pairing.is === 'finishing' ? 4 : 3} of={steps}>
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

/** Without a computer, at a relay that does not know this device. */
function WayIn({ onGetIn }: Pick<Props, 'onGetIn'>) {
  const asks = useAskingRelay();
  if (asks?.knows !== false) return null;
  return <RelayAsks relay={asks.relay} getIn={<Button onClick={() => onGetIn(asks.relay)}>Get in</Button>} />;
}
