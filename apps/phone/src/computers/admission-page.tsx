import { Link, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { AdmissionWay } from '../model/model.ts';
import { useModel, usePhone } from '../model/use-model.tsx';
import { Button, buttonClass } from '../parts/button.tsx';
import { Literal } from '../parts/literal.tsx';
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

function InviteLink({ look }: { look: 'primary' | 'secondary' }) {
  return (
    <Link to="/computers/invite" className={buttonClass(look, true)}>
      Invite a computer
    </Link>
  );
}

/** Getting this device in at a relay that does not know it. */
export function AdmissionPage() {
  const { relay } = useSearch({ from: '/computers/admission' });
  const { computers } = useModel();
  const [ways, again] = useWays(relay);
  const invites = useRelayThatAsks() === relay;
  const [shown, setShown] = useState(false);
  const here = computers.filter((computer) => computer.relay === relay);
  const names = here.map(({ name }) => name).join(', ');
  const refused = here.some(({ reach }) => reach === 'refused');
  const problem = here.find(({ reach }) => reach === 'refused')?.problem ?? null;
  const admitted = here.length > 0 && here.every(({ reach }) => reach === 'here' || reach === 'relay-only');
  return (
    <Page title="Getting in" back={back}>
      <p>
        <Literal text={relay} className="text-small" />
      </p>
      {admitted || (shown && here.length === 0) ? (
        <>
          <Notice tone="calm" title="The relay knows this device">
            <p>{admitted ? `${names} can ask again.` : 'Next, invite a computer, and pair it.'}</p>
          </Notice>
          {invites && <InviteLink look="primary" />}
        </>
      ) : (
        <>
          <p>{refusalWords(problem, names)}</p>
          {ways === 'asking' && <p className="text-muted">Asking the relay how it admits devices…</p>}
          {ways === 'unreachable' && (
            <Notice
              tone="unusual"
              title="The relay does not answer"
              actions={<Button onClick={again}>Ask again</Button>}
            >
              <p>Check the network, and that the relay is running. An older one does not say how it admits devices.</p>
            </Notice>
          )}
          {typeof ways === 'object' && (
            <AdmissionWays ways={ways} relay={relay} refused={refused} onShown={() => setShown(true)} />
          )}
          {here.length > 0 ? (
            <Section title="Or pair again">
              <p>
                Unpair the computer here, run <span className="font-mono text-small">palmkey pair</span> on it, and scan
                its code: the computer then lets this device in.
              </p>
            </Section>
          ) : (
            <Section title="Or pair">
              <p>
                Run <span className="font-mono text-small">palmkey pair</span> on a computer that is in, and scan its
                code: the computer then lets this device in.
              </p>
            </Section>
          )}
          {invites && (
            <Section title="In already">
              <InviteLink look="secondary" />
            </Section>
          )}
        </>
      )}
    </Page>
  );
}
