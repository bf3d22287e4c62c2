import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { dropSignIn, returnedSignIn } from '../app/returned-sign-in.ts';
import { signInFailure } from '../computers/admission-words.ts';
import { useModel } from '../model/use-model.tsx';
import { Button } from '../parts/button.tsx';
import { Notice } from '../parts/notice.tsx';

/** What a sign-in at a relay came to, once the person is back from it. */
export function SignInNotice() {
  const { account, computers } = useModel();
  const navigate = useNavigate();
  const [shown, setShown] = useState(returnedSignIn);
  // Who left in the middle of a move goes on there, whatever came of it.
  const wasMoving = shown !== null && account?.moving.is === 'signing-in';
  useEffect(() => {
    if (wasMoving) void navigate({ to: '/devices/relay' });
  }, [wasMoving, navigate]);
  if (shown === null || wasMoving) return null;
  const done = (
    <Button
      onClick={() => {
        dropSignIn();
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
