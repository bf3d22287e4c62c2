import { useState } from 'react';
import { useModel, usePhone } from '../model/use-model.tsx';
import { Button } from '../parts/button.tsx';
import { Notice } from '../parts/notice.tsx';
import { Sheet, SheetClose } from '../parts/sheet.tsx';

function StorageNotice() {
  const phone = usePhone();
  const [asked, setAsked] = useState(false);
  return (
    <Notice
      tone="standing"
      title="This browser may delete your keys"
      actions={
        <Button
          onClick={() => {
            setAsked(true);
            void phone.requestPersistence();
          }}
        >
          {asked ? 'Ask again' : 'Ask it to keep them'}
        </Button>
      }
    >
      <p>
        {asked
          ? 'It has not promised yet. Installing Palmkey from the browser’s menu, or adding it to the home screen, usually helps.'
          : 'It has not promised to keep this site’s data. If the data goes, the keys are gone.'}
      </p>
    </Notice>
  );
}

function SecondWayNotice() {
  const phone = usePhone();
  return (
    <Notice
      tone="calm"
      title="Keep a second way into each server"
      actions={
        <Sheet
          title="A second way in"
          trigger={<Button>How, and why</Button>}
          actions={
            <>
              <SheetClose>
                <Button look="primary" onClick={() => void phone.acknowledgeSecondWay()}>
                  I have a second way
                </Button>
              </SheetClose>
              <SheetClose>
                <Button>Not yet</Button>
              </SheetClose>
            </>
          }
        >
          <p>Your keys exist in this browser only. Nobody can restore them, and neither can you.</p>
          <p>
            Leave another key in <span className="font-mono text-small">authorized_keys</span> on every server, one that
            you keep somewhere else, or make sure that you can reach the server’s console.
          </p>
        </Sheet>
      }
    >
      <p>Losing this browser’s data means losing its keys.</p>
    </Notice>
  );
}

/** What stays on home until it is done. */
export function StandingNotices() {
  const { persistence, secondWayAcknowledged } = useModel();
  const storage = persistence !== 'granted';
  if (!storage && secondWayAcknowledged) return null;
  return (
    <div className="space-y-3">
      {storage && <StorageNotice />}
      {!secondWayAcknowledged && <SecondWayNotice />}
    </div>
  );
}
