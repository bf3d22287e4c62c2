import { useNavigate } from '@tanstack/react-router';
import { useModel, usePhone } from '../model/use-model.tsx';
import { Button } from '../parts/button.tsx';
import { Page } from '../parts/page.tsx';
import { PairingPanel } from './pairing-panel.tsx';
import { TryIt } from './try-it.tsx';

/** Adds a computer to a device that is already set up. */
export function AddComputerPage() {
  const { pairing } = useModel();
  const phone = usePhone();
  const navigate = useNavigate();
  return (
    <Page title="Add a computer" back={{ to: '/computers', label: 'Computers' }}>
      <PairingPanel />
      {pairing.is === 'paired' && (
        <>
          <TryIt computer={pairing.computer.name} />
          <Button
            look="primary"
            wide
            onClick={() => {
              phone.dismissPairing();
              void navigate({ to: '/' });
            }}
          >
            Done
          </Button>
        </>
      )}
    </Page>
  );
}
