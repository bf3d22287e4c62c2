import { Link } from '@tanstack/react-router';
import { useModel, usePhone } from '../model/use-model.tsx';
import { Button, buttonClass } from '../parts/button.tsx';
import { Notice } from '../parts/notice.tsx';
import { putAway, usePutAway } from '../parts/put-away.ts';
import { useStanding } from '../settings/use-standing.ts';
import { pushNotice } from './push-notice-words.ts';

/** While notifications could wake this device and do not: offers them once, or says what has to be done. */
export function PushNotice() {
  const { notices } = useModel();
  const phone = usePhone();
  const standing = useStanding();
  const declined = usePutAway('palmkey-push-offer');
  const notice = pushNotice({ ...notices, standing }, declined);
  if (notice === null) return null;
  return (
    <Notice
      tone={notice.is === 'offer' ? 'calm' : 'standing'}
      title={notice.title}
      actions={
        <>
          {notice.is === 'ask-again' ? (
            // What came of it shows in the standing; a relay that refuses, on the page of notifications.
            <Button onClick={() => void phone.switchNoticesOn().catch(() => undefined)}>Allow them again</Button>
          ) : (
            <Link to="/settings/notifications" className={buttonClass('secondary')}>
              Notifications
            </Link>
          )}
          {!notices.on && (
            <Button look="quiet" onClick={() => putAway('palmkey-push-offer')}>
              No, thanks
            </Button>
          )}
        </>
      }
    >
      <p>{notice.text}</p>
    </Notice>
  );
}
