import { useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { AdmissionWay, SignInForm } from '../model/model.ts';
import { useModel, usePhone } from '../model/use-model.tsx';
import { Button } from '../parts/button.tsx';
import { codeOf } from '../parts/code-of.ts';
import { Literal } from '../parts/literal.tsx';
import { Notice } from '../parts/notice.tsx';
import { Page, Section } from '../parts/page.tsx';
import { TextField } from '../parts/text-field.tsx';
import { codeProblem, refusalWords } from './admission-words.ts';
import { postForm } from './post-form.ts';

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

function GitHub({ relay }: { relay: string }) {
  const phone = usePhone();
  const [failed, setFailed] = useState(false);
  const begin = () => {
    const form: SignInForm | null = phone.signInForm(relay);
    if (form === null) setFailed(true);
    else postForm(document, form);
  };
  return (
    <Section title="Sign in">
      <Button look="primary" wide className="min-h-14" onClick={begin}>
        Sign in with GitHub
      </Button>
      <p className="mt-2 text-small text-muted">
        The relay asks GitHub who you are, and keeps your number there and nothing else. You come back here.
      </p>
      {failed && <p className="mt-2 text-danger">Another tab answers at the moment. Use the app there.</p>}
    </Section>
  );
}

function Invitation({ relay, refused }: { relay: string; refused: boolean }) {
  const phone = usePhone();
  const [code, setCode] = useState('');
  const [state, setState] = useState<{ is: 'idle' | 'shown' } | { is: 'wrong'; code: string | null }>({ is: 'idle' });
  const use = () => {
    phone.useInvitation(relay, code).then(
      () => setState({ is: 'shown' }),
      (error: unknown) => setState({ is: 'wrong', code: codeOf(error) }),
    );
  };
  const problem =
    state.is === 'wrong'
      ? codeProblem(state.code)
      : state.is === 'shown' && refused
        ? 'The relay does not take it: it may be used, too old, or from another relay.'
        : null;
  return (
    <Section title="Invitation">
      <form
        className="space-y-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (code.trim() !== '') use();
        }}
      >
        <TextField
          label="I have an invitation"
          hint="20 characters, as K7Q2M-9XW4D-0HT5B-N3VCR. Hyphens and capitals do not matter."
          problem={problem}
          value={code}
          autoCapitalize="characters"
          onChange={(event) => {
            setCode(event.target.value);
            setState({ is: 'idle' });
          }}
        />
        <Button type="submit" wide disabled={code.trim() === ''}>
          Use it
        </Button>
      </form>
    </Section>
  );
}

function Offered({ ways, relay, refused }: { ways: readonly AdmissionWay[]; relay: string; refused: boolean }) {
  const phone = usePhone();
  return (
    <>
      {ways.includes('github') && <GitHub relay={relay} />}
      {ways.includes('invitation') && <Invitation relay={relay} refused={refused} />}
      {ways.includes('open') && (
        <Section title="Open to all">
          <p className="mb-3">This relay admits any device.</p>
          <Button onClick={() => phone.reconnect()}>Try again</Button>
        </Section>
      )}
    </>
  );
}

/** Getting this device in at a relay that does not know it. */
export function AdmissionPage() {
  const { relay } = useSearch({ from: '/computers/admission' });
  const { computers } = useModel();
  const [ways, again] = useWays(relay);
  const here = computers.filter((computer) => computer.relay === relay);
  const refused = here.some(({ reach }) => reach === 'refused');
  const problem = here.find(({ reach }) => reach === 'refused')?.problem ?? null;
  const admitted = here.length > 0 && here.every(({ reach }) => reach === 'here' || reach === 'relay-only');
  return (
    <Page title="Getting in" back={back}>
      <p>
        <Literal text={relay} className="text-small" />
      </p>
      {admitted ? (
        <Notice tone="calm" title="The relay knows this device">
          <p>{here.map(({ name }) => name).join(', ')} can ask again.</p>
        </Notice>
      ) : (
        <>
          <p>{refusalWords(problem, here.map(({ name }) => name).join(', '))}</p>
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
          {typeof ways === 'object' && <Offered ways={ways} relay={relay} refused={refused} />}
          <Section title="Or pair again">
            <p>
              Unpair the computer here, run <span className="font-mono text-small">palmkey pair</span> on it, and scan
              its code: the computer then lets this device in.
            </p>
          </Section>
        </>
      )}
    </Page>
  );
}
