import { useEffect, useRef, useState } from 'react';
import type { AccountView } from '../model/account-view.ts';
import { usePhone } from '../model/use-model.tsx';
import { BrandMark } from '../parts/brand-mark.tsx';
import { Button } from '../parts/button.tsx';
import { formatDate, formatTime } from '../parts/format.ts';
import { HoldButton } from '../parts/hold-button.tsx';
import { Literal } from '../parts/literal.tsx';
import { Notice } from '../parts/notice.tsx';
import { Sheet, SheetClose } from '../parts/sheet.tsx';
import { useNow } from '../parts/use-now.ts';
import { actFailure } from './act-words.ts';

function BeginAnew({ onBegin }: { onBegin: () => void }) {
  return (
    <Sheet
      title="Begin anew?"
      trigger={
        <Button look="primary" wide className="min-h-14">
          Begin anew on this device
        </Button>
      }
      actions={
        <>
          <HoldButton look="danger" armed onHeld={onBegin} label="Hold to delete everything here" />
          <SheetClose>
            <Button>Not now</Button>
          </SheetClose>
        </>
      }
    >
      <p>Its SSH keys, computers, permissions and history are deleted from this browser, and there is no copy.</p>
      <p>Then it is as a new device: it can make an account of its own, or join yours again under another name.</p>
    </Sheet>
  );
}

/** Instead of all places: this device is out of the account, and says by whom, since when, and what is left to do. */
export function RemovedPage({ removed }: { removed: NonNullable<AccountView['removed']> }) {
  const phone = usePhone();
  const now = useNow();
  const [failed, setFailed] = useState<string | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  // It comes in the place of whatever the person was about.
  useEffect(() => heading.current?.focus(), []);
  const begin = () => {
    phone.beginAnew().catch((error: unknown) => setFailed(actFailure(error)));
  };
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-xl flex-col px-4 pt-12 pb-[calc(1.5rem+env(safe-area-inset-bottom))] wide:justify-center">
      <BrandMark size={48} flush />
      <h1 ref={heading} tabIndex={-1} className="mt-6 text-huge font-semibold tracking-tight">
        This device was removed from your account
      </h1>
      <p className="mt-3 text-muted">
        By {removed.by ?? 'another device'} on {formatDate(removed.at, now)}, {formatTime(removed.at)}. It answers
        nothing any more, and your computers refuse it.
      </p>
      <div className="mt-6 space-y-3">
        <Notice tone="unusual" title="Its SSH keys still open servers">
          <p>
            Run <Literal text="palmkey keys replace" className="rounded-md bg-sunken box-decoration-clone px-1.5" /> on
            a computer of yours, if nobody has yet.
          </p>
        </Notice>
        <Notice tone="calm" title="Was it not you?">
          <p>
            Look at Devices on another device of the account, and remove what you do not know. If you have none left,
            use your recovery words on a new one.
          </p>
        </Notice>
        {failed !== null && (
          <Notice tone="danger" title="It could not begin anew">
            <p role="alert">{failed}</p>
          </Notice>
        )}
      </div>
      <div className="mt-auto pt-8">
        <BeginAnew onBegin={begin} />
      </div>
    </main>
  );
}
