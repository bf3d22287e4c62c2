import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { KeyView } from '../model/model.ts';
import { usePhone } from '../model/use-model.tsx';
import { Button } from '../parts/button.tsx';
import { HoldButton } from '../parts/hold-button.tsx';
import { Notice } from '../parts/notice.tsx';
import { Sheet, SheetClose } from '../parts/sheet.tsx';

/** Takes a key away for good, after the consequence was read and the button held. */
export function RemoveKey({ keyView, last }: { keyView: KeyView; last: boolean }) {
  const phone = usePhone();
  const navigate = useNavigate();
  const [failed, setFailed] = useState(false);
  const remove = () => {
    phone.removeKey(keyView.id).then(
      () => navigate({ to: '/keys' }),
      () => setFailed(true),
    );
  };
  return (
    <>
      {failed && (
        <Notice tone="danger" title="Not removed">
          <p>It could not be saved. Reload the page and try again.</p>
        </Notice>
      )}
      <Sheet
        title={`Remove ${keyView.name}?`}
        trigger={
          <Button look="danger" wide>
            Remove this key
          </Button>
        }
        actions={
          <>
            <HoldButton look="danger" armed onHeld={remove} label="Hold to remove it for good" />
            <SheetClose>
              <Button>Keep it</Button>
            </SheetClose>
          </>
        }
      >
        <p>
          The key is deleted from this browser, and there is no copy. Every server that only knows this key is closed to
          you from then on.
        </p>
        <p>
          Put another key into <span className="font-mono text-small">authorized_keys</span> there first, and take this
          one out afterwards. Signatures that it made stay valid.
        </p>
        {last && <p className="font-semibold text-danger">It is the only key of this device.</p>}
      </Sheet>
    </>
  );
}
