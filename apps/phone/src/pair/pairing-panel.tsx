import type { PairingView } from '../model/model.ts';
import { useModel, usePhone } from '../model/use-model.tsx';
import { Button } from '../parts/button.tsx';
import { Literal } from '../parts/literal.tsx';
import { AddByLink } from './add-by-link.tsx';
import { CodeStep } from './code-step.tsx';
import { pairingFailure } from './failure-words.ts';
import { PanelText } from './panel-text.tsx';

function Working({ title, onCancel }: { title: string; onCancel?: () => void }) {
  return (
    <PanelText title={title} busy>
      {onCancel !== undefined && <Button onClick={onCancel}>Cancel</Button>}
    </PanelText>
  );
}

function Failed({ pairing }: { pairing: Extract<PairingView, { is: 'failed' }> }) {
  const phone = usePhone();
  const { title, text } = pairingFailure(pairing.code, pairing.hostName);
  return (
    <PanelText title={title} tone="danger">
      <p>{text}</p>
      <Button look="primary" wide onClick={() => phone.dismissPairing()}>
        Start again
      </Button>
    </PanelText>
  );
}

/** A pairing from nothing to paired; `paired` is left to the page around it. */
export function PairingPanel() {
  const { pairing } = useModel();
  const phone = usePhone();
  switch (pairing.is) {
    case 'none':
      return <AddByLink />;
    case 'confirm-link':
      return (
        <PanelText title={`Pair with ${pairing.hostName}?`} tone="unusual">
          <p>
            A link asks to pair this device with a computer that calls itself <Literal text={pairing.hostName} />. Go on
            only if you ran <Literal text="palmkey pair" /> there just now. A paired computer can ask for your keys.
          </p>
          <Button look="primary" wide onClick={() => phone.confirmLink()}>
            Pair with it
          </Button>
          <Button wide onClick={() => phone.cancelPairing()}>
            Cancel
          </Button>
        </PanelText>
      );
    case 'confirm-relay':
      return (
        <PanelText title={`Pair with ${pairing.hostName}?`} tone="unusual">
          <p>Its messages go through another relay than the one this page came from:</p>
          <p>
            <Literal text={pairing.relay} className="font-semibold" />
          </p>
          <p>A relay cannot read them, but it learns when and from where this device connects. Go on if you know it.</p>
          <Button look="primary" wide onClick={() => phone.confirmLink()}>
            Use this relay
          </Button>
          <Button wide onClick={() => phone.cancelPairing()}>
            Cancel
          </Button>
        </PanelText>
      );
    case 'connecting':
      return <Working title={`Meeting ${pairing.hostName}…`} onCancel={() => phone.cancelPairing()} />;
    case 'code':
      return <CodeStep pairing={pairing} />;
    case 'finishing':
      return <Working title={`Finishing with ${pairing.hostName}…`} />;
    case 'failed':
      return <Failed pairing={pairing} />;
    case 'paired':
      return null;
  }
}
