import { Link } from '@tanstack/react-router';
import type { AccountView, LettingInView } from '../model/account-view.ts';
import { useModel, usePhone } from '../model/use-model.tsx';
import { Button, buttonClass } from '../parts/button.tsx';
import { Notice } from '../parts/notice.tsx';
import { alarmWords, isWait } from './alarm-words.ts';

function AlarmNotice({ alarm }: { alarm: NonNullable<AccountView['alarm']> }) {
  return (
    <Notice
      tone={isWait(alarm.code) ? 'unusual' : 'danger'}
      title={alarmWords(alarm.code).title}
      actions={
        <Link to="/devices/alarm" className={buttonClass('secondary')}>
          What to do
        </Link>
      }
    >
      <p>Nothing is decided on this device meanwhile.</p>
    </Notice>
  );
}

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
          actions={<Button onClick={() => phone.dismissLetIn()}>Fine</Button>}
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

/** What of the account needs a look. */
export function AccountNotices() {
  const { account, lettingIn } = useModel();
  if (account === null) return null;
  const quiet = account.alarm === null && account.hasWords;
  if (quiet && (lettingIn.is === 'none' || lettingIn.is === 'preparing')) return null;
  return (
    <div className="space-y-3">
      {account.alarm !== null && <AlarmNotice alarm={account.alarm} />}
      <LettingInNotice lettingIn={lettingIn} />
      {!account.hasWords && <WordsNotice />}
    </div>
  );
}
