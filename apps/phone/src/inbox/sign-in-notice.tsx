import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Arrival } from '../app/arrival.ts';
import { signInFailure } from '../computers/admission-words.ts';
import { useRelayThatAsks } from '../computers/relay-asks.tsx';
import { Button, buttonClass } from '../parts/button.tsx';
import { Notice } from '../parts/notice.tsx';

type SignIn = Exclude<Arrival, { is: 'request' }>;

let returned: SignIn | null = null;

/** Keeps what a sign-in came to until the person has seen it. */
export function keepSignIn(arrival: SignIn): void {
  returned = arrival;
}

/** What a sign-in at a relay came to, once the person is back from it. */
export function SignInNotice() {
  const [shown, setShown] = useState(returned);
  const invites = typeof useRelayThatAsks() === 'string';
  if (shown === null) return null;
  const forget = () => {
    returned = null;
    setShown(null);
  };
  const done = <Button onClick={forget}>Done</Button>;
  if (shown.is === 'signed-in') {
    return (
      <Notice
        tone="calm"
        title="Signed in"
        actions={
          <>
            {invites && (
              <Link to="/computers/invite" className={buttonClass('primary')} onClick={forget}>
                Invite a computer
              </Link>
            )}
            {done}
          </>
        }
      >
        <p>
          The relay knows this device from now on.{' '}
          {invites ? 'Next, invite a computer, and pair it.' : 'It connects by itself.'}
        </p>
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
