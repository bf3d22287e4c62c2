import { useState } from 'react';
import type { Arrival } from '../app/arrival.ts';
import { signInFailure } from '../computers/admission-words.ts';
import { useModel } from '../model/use-model.tsx';
import { Button } from '../parts/button.tsx';
import { Notice } from '../parts/notice.tsx';

type SignIn = Exclude<Arrival, { is: 'request' }>;

let returned: SignIn | null = null;

/** Keeps what a sign-in came to until the person has seen it. */
export function keepSignIn(arrival: SignIn): void {
  returned = arrival;
}

/** What a sign-in at a relay came to, once the person is back from it. */
export function SignInNotice() {
  const { computers } = useModel();
  const [shown, setShown] = useState(returned);
  if (shown === null) return null;
  const done = (
    <Button
      onClick={() => {
        returned = null;
        setShown(null);
      }}
    >
      Done
    </Button>
  );
  if (shown.is === 'signed-in') {
    return (
      <Notice tone="calm" title="Signed in" actions={done}>
        <p>The relay knows this device from now on.{computers.length > 0 && ' It connects by itself.'}</p>
      </Notice>
    );
  }
  const { title, text } = signInFailure(shown.code);
  return (
    <Notice tone="unusual" title={title} actions={done}>
      <p>{text}</p>
    </Notice>
  );
}
