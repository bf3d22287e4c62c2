import { useState } from 'react';
import { codeProblem, signInProblem } from '../computers/admission-words.ts';
import { postForm } from '../computers/post-form.ts';
import type { AdmissionWay } from '../model/model.ts';
import { usePhone } from '../model/use-model.tsx';
import { Button } from '../parts/button.tsx';
import { codeOf } from '../parts/code-of.ts';
import { Literal } from '../parts/literal.tsx';
import { Notice } from '../parts/notice.tsx';
import { TextField } from '../parts/text-field.tsx';

/** Why a relay has not let this device in. */
export interface Outside {
  readonly relay: string;
  readonly ways: readonly AdmissionWay[];
  /** What it, or this app, says of the invitation that was tried; null where none was. */
  readonly tried: string | null;
  /** What a sign-in there came to, if it failed. */
  readonly returned: { readonly title: string; readonly text: string } | null;
}

function SignIn() {
  const phone = usePhone();
  const [problem, setProblem] = useState<string | null>(null);
  const begin = () => {
    phone.moving.signIn().then(
      (form) => postForm(document, form),
      (error: unknown) => setProblem(signInProblem(codeOf(error), location.origin)),
    );
  };
  return (
    <div>
      <Button look="primary" wide className="min-h-14" onClick={begin}>
        Sign in with GitHub
      </Button>
      <p className="mt-2 text-small text-muted">
        The relay asks GitHub who you are, and keeps your number there. You come back here, and go on.
      </p>
      {problem !== null && (
        <p role="alert" className="mt-2 text-danger">
          {problem}
        </p>
      )}
    </div>
  );
}

interface Props {
  outside: Outside;
  onInvitation: (code: string) => void;
  onOther: () => void;
}

/** Getting in at a relay that the account is to move to. */
export function RelayWayIn({ outside: { relay, ways, tried, returned }, onInvitation, onOther }: Props) {
  const [code, setCode] = useState('');
  const [seen, setSeen] = useState(true);
  return (
    <div className="space-y-4">
      <p>
        <Literal text={relay} />
      </p>
      {returned !== null && (
        <Notice tone="unusual" title={returned.title}>
          <p role="alert">{returned.text}</p>
        </Notice>
      )}
      <p>A relay is there. It asks who you are before it lets a device in.</p>
      {ways.includes('github') && (
        <>
          <SignIn />
          <div className="flex items-center gap-4 text-small text-muted before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
            or
          </div>
        </>
      )}
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (code.trim() !== '') onInvitation(code);
        }}
      >
        <TextField
          label="Invitation"
          autoCapitalize="characters"
          hint="20 characters, as K7Q2M-9XW4D-0HT5B-N3VCR, from whoever runs the relay."
          problem={tried !== null && seen ? codeProblem(tried) : null}
          value={code}
          onChange={(event) => {
            setCode(event.target.value);
            setSeen(false);
          }}
        />
        <Button type="submit" wide disabled={code.trim() === ''}>
          Use it
        </Button>
      </form>
      <Button look="quiet" wide onClick={onOther}>
        Another address
      </Button>
    </div>
  );
}
