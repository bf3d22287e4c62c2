import { Link } from '@tanstack/react-router';
import type { AccountView, LettingInView } from '../model/account-view.ts';
import { useModel, usePhone } from '../model/use-model.tsx';
import { Button, buttonClass } from '../parts/button.tsx';
import { Literal } from '../parts/literal.tsx';
import { Notice } from '../parts/notice.tsx';
import { AlarmNotice } from './alarm-notice.tsx';

/** A device that is being added, wherever the person went meanwhile. */
function LettingInNotice({ lettingIn }: { lettingIn: LettingInView }) {
  const phone = usePhone();
  const go = (label: string) => (
    <Link to="/devices/add" className={buttonClass(label === 'Look' ? 'primary' : 'secondary')}>
      {label}
    </Link>
  );
  switch (lettingIn.is) {
    case 'none':
    case 'preparing':
      return null;
    case 'showing':
    case 'meeting':
    case 'joining':
      return <Notice tone="calm" title="A device is being added" actions={go('Go on')} />;
    case 'asking':
      return (
        <Notice tone="unusual" title={`${lettingIn.name} asks to join your account`} actions={go('Look')}>
          <p>If you are not adding a device, say no.</p>
        </Notice>
      );
    case 'done':
      return (
        <Notice
          tone="calm"
          title={`${lettingIn.name} is in your account`}
          actions={<Button onClick={() => phone.joining.dismissLetIn()}>Fine</Button>}
        />
      );
    case 'failed':
      return <Notice tone="unusual" title="The device was not added" actions={go('See what to do')} />;
  }
}

function WordsNotice() {
  return (
    <Notice
      tone="standing"
      title="Write down your recovery words"
      actions={
        <Link to="/devices/words" className={buttonClass('secondary')}>
          Write them down
        </Link>
      }
    >
      <p>Twelve words bring you back into your account when every device is lost.</p>
    </Notice>
  );
}

/** The account is on its way to another relay, or another device has moved it. */
function MovingNotice({ moving }: { moving: AccountView['moving'] }) {
  if (moving.is === 'none' || moving.is === 'moved') return null;
  const title = {
    'signing-in': 'You were about to move to another relay',
    moving: 'Your account is moving to another relay',
    following: 'Your account has moved to another relay',
    failed: 'Your account was not moved',
  }[moving.is];
  return (
    <Notice
      tone={moving.is === 'failed' ? 'unusual' : 'calm'}
      title={title}
      actions={
        <Link to="/devices/relay" className={buttonClass('secondary')}>
          Look
        </Link>
      }
    >
      <Literal text={moving.to} className="text-small" />
    </Notice>
  );
}

/** What of the account needs a look. */
export function AccountNotices() {
  const { account, lettingIn } = useModel();
  if (account === null) return null;
  const rests = account.moving.is === 'none' || account.moving.is === 'moved';
  const quiet = account.alarm === null && account.hasWords && rests;
  if (quiet && (lettingIn.is === 'none' || lettingIn.is === 'preparing')) return null;
  return (
    <div className="space-y-3">
      {account.alarm !== null && <AlarmNotice alarm={account.alarm} />}
      <MovingNotice moving={account.moving} />
      <LettingInNotice lettingIn={lettingIn} />
      {!account.hasWords && <WordsNotice />}
    </div>
  );
}
