import { Link } from '@tanstack/react-router';
import type { AccountView } from '../model/account-view.ts';
import { buttonClass } from '../parts/button.tsx';
import { Notice } from '../parts/notice.tsx';
import { alarmWords, isWait } from './alarm-words.ts';

/** Why nothing is decided: on the inbox, and in the place of a request's answers. */
export function AlarmNotice({ alarm }: { alarm: NonNullable<AccountView['alarm']> }) {
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
