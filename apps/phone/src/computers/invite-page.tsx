import { Link } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { useModel, usePhone } from '../model/use-model.tsx';
import { Button, buttonClass } from '../parts/button.tsx';
import { Choice } from '../parts/choice.tsx';
import { codeOf } from '../parts/code-of.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { formatDay, formatTime } from '../parts/format.ts';
import { Literal } from '../parts/literal.tsx';
import { Notice } from '../parts/notice.tsx';
import { Page, Section } from '../parts/page.tsx';
import { useNow } from '../parts/use-now.ts';
import { canGetIn } from './admission-words.ts';
import { GetInLink } from './get-in-link.tsx';
import { inviteProblem } from './invite-words.ts';
import { useRelayThatAsks } from './relay-asks.tsx';

const back = { to: '/computers', label: 'Computers' } as const;

/** A code has four groups of five: two and their hyphens stand on a line of a small screen. */
const half = 12;

interface Made {
  readonly relay: string;
  readonly code: string;
  readonly endsAt: number;
}

function Code({ made: { relay, code, endsAt } }: { made: Made }) {
  const now = useNow();
  const command = `palmkey up --relay ${relay} --invite ${code}`;
  const day = formatDay(endsAt, now);
  if (endsAt <= now) return <Notice tone="unusual" title="This invitation has ended" />;
  return (
    <>
      <p className="text-center font-mono text-huge leading-snug font-semibold tracking-wide select-all">
        <span className="inline-block">{code.slice(0, half)}</span>
        <span className="inline-block">{code.slice(half)}</span>
      </p>
      <p className="text-center text-muted">
        Lets one computer in, once, until {day === 'Today' ? '' : `${day}, `}
        {formatTime(endsAt)}.
      </p>
      <Section title="On the computer">
        <p className="mb-3 rounded-xl border border-line bg-sunken p-3">
          <Literal text={command} className="text-small" />
        </p>
        <CopyButton text={command} label="Copy the command" wide />
        <p className="mt-3 text-small text-muted">
          The code only lets it in at the relay. It asks for your keys only after you have paired it here.
        </p>
        <Link to="/computers/add" className={`${buttonClass('quiet', true)} mt-3`}>
          Pair it, once it shows its code
        </Link>
      </Section>
    </>
  );
}

/** An invitation to the relay for one more computer. */
export function InvitePage() {
  const { computers } = useModel();
  const phone = usePhone();
  const name = useId();
  const asking = useRelayThatAsks();
  const own = asking === 'unknown' ? null : asking;
  const connected = [
    ...new Set(computers.filter(({ reach }) => reach === 'here' || reach === 'relay-only').map(({ relay }) => relay)),
  ];
  const relays = own === null ? connected : [own.relay];
  const [chosen, setChosen] = useState<string | null>(null);
  const [made, setMade] = useState<Made | null>(null);
  const [state, setState] = useState<{ is: 'idle' | 'busy' } | { is: 'failed'; code: string | null }>({ is: 'idle' });
  const relay = chosen ?? relays[0];
  const make = (at: string) => {
    setState({ is: 'busy' });
    phone.invite(at).then(
      (invitation) => {
        setMade({ relay: at, ...invitation });
        setState({ is: 'idle' });
      },
      (error: unknown) => setState({ is: 'failed', code: codeOf(error) }),
    );
  };
  return (
    <Page title="Invite a computer" back={back}>
      {made !== null ? (
        <Code made={made} />
      ) : asking === 'unknown' ? (
        <p className="text-muted">Asking the relay…</p>
      ) : relay === undefined ? (
        <p className="text-muted">
          {computers.length === 0
            ? 'A computer on which palmkey up runs needs no invitation: it shows you its QR code. Pair it first.'
            : 'No relay of your computers is connected. Connect first, then make an invitation.'}
        </p>
      ) : own?.knows === false ? (
        <Notice tone="calm" title="The relay does not know this device" actions={<GetInLink relay={relay} />}>
          <p>Get in there first. Then an invitation lets a computer into the same account.</p>
        </Notice>
      ) : (
        <>
          <p>
            For a computer that no relay knows yet: an invitation lets it in at yours. One that shows you its QR code
            needs none.
          </p>
          {relays.length > 1 ? (
            <fieldset>
              <legend className="mb-2 font-medium">At which relay</legend>
              <div className="flex flex-col gap-2">
                {relays.map((each) => (
                  <Choice
                    key={each}
                    name={name}
                    checked={each === relay}
                    label={each}
                    onChoose={() => setChosen(each)}
                  />
                ))}
              </div>
            </fieldset>
          ) : (
            <p>
              <Literal text={relay} className="text-small" />
            </p>
          )}
          {state.is === 'failed' && (
            <Notice
              tone="unusual"
              title="No invitation was made"
              actions={canGetIn(state.code) && <GetInLink relay={relay} />}
            >
              <p>{inviteProblem(state.code)}</p>
            </Notice>
          )}
          <Button look="primary" wide className="min-h-14" disabled={state.is === 'busy'} onClick={() => make(relay)}>
            Make a code
          </Button>
        </>
      )}
    </Page>
  );
}
