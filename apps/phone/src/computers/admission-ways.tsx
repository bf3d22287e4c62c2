import { useState } from 'react';
import type { AdmissionWay } from '../model/model.ts';
import { usePhone } from '../model/use-model.tsx';
import { Button } from '../parts/button.tsx';
import { codeOf } from '../parts/code-of.ts';
import { Section } from '../parts/page.tsx';
import { TextField } from '../parts/text-field.tsx';
import { codeProblem, signInProblem } from './admission-words.ts';
import { followedInvitation } from './followed-invitation.ts';
import { postForm } from './post-form.ts';

function GitHub({ relay }: { relay: string }) {
  const phone = usePhone();
  const [failed, setFailed] = useState<string | null>(null);
  const begin = () => {
    phone.signInForm(relay).then(
      (form) => {
        if (form === null) setFailed('Another tab answers at the moment. Use the app there.');
        else postForm(document, form);
      },
      (error: unknown) => setFailed(signInProblem(codeOf(error), location.origin)),
    );
  };
  return (
    <Section title="Sign in">
      <Button look="primary" wide className="min-h-14" onClick={begin}>
        Sign in with GitHub
      </Button>
      <p className="mt-2 text-small text-muted">
        The relay asks GitHub who you are, and keeps your number there. You come back here.
      </p>
      {failed !== null && <p className="mt-2 text-danger">{failed}</p>}
    </Section>
  );
}

interface Props {
  relay: string;
  /** It refuses this device now. */
  refused: boolean;
  /** An invitation was shown to it. */
  onShown: () => void;
}

function Invitation({ relay, refused, onShown }: Props) {
  const phone = usePhone();
  // A link leads to the relay that it is for; a code of it is not shown to another.
  const [code, setCode] = useState(() => (relay === location.origin ? followedInvitation() : null) ?? '');
  const [state, setState] = useState<{ is: 'idle' | 'busy' | 'shown' } | { is: 'wrong'; code: string | null }>({
    is: 'idle',
  });
  const use = () => {
    setState({ is: 'busy' });
    phone.useInvitation(relay, code).then(
      () => {
        setState({ is: 'shown' });
        onShown();
      },
      (error: unknown) => setState({ is: 'wrong', code: codeOf(error) }),
    );
  };
  const problem =
    state.is === 'wrong'
      ? codeProblem(state.code)
      : state.is === 'shown' && refused
        ? codeProblem('not-admitted')
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
        <Button type="submit" wide disabled={code.trim() === '' || state.is === 'busy'}>
          Use it
        </Button>
      </form>
    </Section>
  );
}

/** What the relay offers to a device that it does not know. */
export function AdmissionWays({ ways, ...props }: Props & { ways: readonly AdmissionWay[] }) {
  const phone = usePhone();
  return (
    <>
      {ways.includes('github') && <GitHub relay={props.relay} />}
      {ways.includes('invitation') && <Invitation {...props} />}
      {ways.includes('open') && (
        <Section title="Open to all">
          <p className="mb-3">This relay admits any device.</p>
          <Button onClick={() => phone.reconnect()}>Try again</Button>
        </Section>
      )}
    </>
  );
}
