import { Link, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { AdmissionWay, ComputerView } from '../model/model.ts';
import { useModel, usePhone } from '../model/use-model.tsx';
import { Button, buttonClass } from '../parts/button.tsx';
import { Literal } from '../parts/literal.tsx';
import { LiveRegion } from '../parts/live-region.tsx';
import { Notice } from '../parts/notice.tsx';
import { Page, Section } from '../parts/page.tsx';
import { AdmissionWays } from './admission-ways.tsx';
import { refusalWords } from './admission-words.ts';
import { useRelayThatAsks } from './relay-asks.tsx';

const back = { to: '/computers', label: 'Computers' } as const;

type Ways = readonly AdmissionWay[] | 'asking' | 'unreachable';

function useWays(relay: string): readonly [Ways, () => void] {
  const phone = usePhone();
  const [ways, setWays] = useState<Ways>('asking');
  const [round, setRound] = useState(0);
  useEffect(() => {
    let gone = false;
    void phone.admissionOf(relay).then((found) => {
      if (!gone) setWays(found ?? 'unreachable');
    });
    return () => {
      gone = true;
    };
  }, [phone, relay, round]);
  const again = () => {
    setWays('asking');
    setRound(round + 1);
  };
  return [ways, again];
}

interface Here {
  relay: string;
  /** The computers at it. */
  here: readonly ComputerView[];
}

function PairInstead({ again }: { again: boolean }) {
  return (
    <Section title={again ? 'Or pair again' : 'Or pair'}>
      <p>
        {again ? 'Unpair the computer here, run ' : 'Run '}
        <span className="font-mono text-small">palmkey pair</span>
        {again ? ' on it' : ' on a computer that is in'}, and scan its code: the computer then lets this device in.
      </p>
    </Section>
  );
}

/** The relay refuses this device: why, and what can be done. */
function Outside({ relay, here, onShown }: Here & { onShown: () => void }) {
  const [ways, again] = useWays(relay);
  const refused = here.find(({ reach }) => reach === 'refused');
  return (
    <>
      <p>{refusalWords(refused?.problem ?? null, here.map(({ name }) => name).join(', '))}</p>
      {ways === 'asking' && <p className="text-muted">Asking the relay how it admits devices…</p>}
      {ways === 'unreachable' && (
        <Notice tone="unusual" title="The relay does not answer" actions={<Button onClick={again}>Ask again</Button>}>
          <p>Check the network, and that the relay is running. An older one does not say how it admits devices.</p>
        </Notice>
      )}
      {typeof ways === 'object' && (
        <AdmissionWays ways={ways} relay={relay} refused={refused !== undefined} onShown={onShown} />
      )}
      <PairInstead again={here.length > 0} />
    </>
  );
}

function Inside({ here }: { here: readonly ComputerView[] }) {
  const alone = here.length === 0;
  return (
    <>
      <Notice tone="calm" title="The relay knows this device">
        <p>
          {alone
            ? 'Next, invite a computer, and pair it.'
            : `${here.map(({ name }) => name).join(', ')} can ask again.`}
        </p>
      </Notice>
      {alone && (
        <Link to="/computers/invite" className={buttonClass('primary', true)}>
          Invite a computer
        </Link>
      )}
    </>
  );
}

function Way({ relay, here }: Here) {
  const asks = useRelayThatAsks();
  const [shown, setShown] = useState(false);
  if (here.length > 0) {
    const admitted = here.every(({ reach }) => reach === 'here' || reach === 'relay-only');
    return admitted ? <Inside here={here} /> : <Outside relay={relay} here={here} onShown={() => undefined} />;
  }
  if (asks === 'unknown') return <p className="text-muted">Asking the relay…</p>;
  if (asks?.relay !== relay) {
    // Anybody can make a link to this page, and a code that is shown to another relay is given away.
    return (
      <Notice tone="unusual" title="Nothing to do here">
        <p>
          This relay does not answer, or it is neither the one that this app is from nor that of a computer of yours.
        </p>
      </Notice>
    );
  }
  const inside = shown || asks.knows;
  return (
    <>
      <LiveRegion urgent={false}>{shown ? 'The relay knows this device.' : ''}</LiveRegion>
      {inside ? <Inside here={here} /> : <Outside relay={relay} here={here} onShown={() => setShown(true)} />}
    </>
  );
}

/** Getting this device in at a relay that does not know it. */
export function AdmissionPage() {
  const { relay } = useSearch({ from: '/computers/admission' });
  const { computers } = useModel();
  return (
    <Page title="Getting in" back={back}>
      <p>
        <Literal text={relay} className="text-small" />
      </p>
      <Way relay={relay} here={computers.filter((computer) => computer.relay === relay)} />
    </Page>
  );
}
