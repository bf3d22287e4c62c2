import { useState } from 'react';
import type { AccountDeviceView } from '../model/account-view.ts';
import { usePhone } from '../model/use-model.tsx';
import { Button } from '../parts/button.tsx';
import { HoldButton } from '../parts/hold-button.tsx';
import { Literal } from '../parts/literal.tsx';
import { Notice } from '../parts/notice.tsx';
import { Sheet, SheetClose } from '../parts/sheet.tsx';
import { actFailure } from './act-words.ts';
import { deviceTitle } from './device-words.ts';

/** What is left to do after a device that decided is out: its SSH keys are still known to servers. */
export function ReplaceKeys() {
  return (
    <Notice tone="unusual" title="Its SSH keys still open servers">
      <p>
        Run <Literal text="palmkey keys replace" className="rounded-md bg-sunken box-decoration-clone px-1.5" /> on a
        computer of yours. It puts another key in their place, server by server.
      </p>
    </Notice>
  );
}

function Consequences({ kind }: Pick<AccountDeviceView, 'kind'>) {
  if (kind === 'computer') {
    return <p>It can ask none of your devices any more. To use it again, pair it again.</p>;
  }
  return (
    <>
      <ul className="list-disc space-y-2 pl-5">
        <li>It answers nothing any more: your computers refuse it as soon as they hear of it.</li>
        <li>The account’s key is changed, so that it reads nothing of what comes later.</li>
        <li>It cannot come back. To use it again, begin anew there and add it as a new device.</li>
      </ul>
      <p>
        Its SSH keys are still known to your servers. Afterwards, run{' '}
        <Literal text="palmkey keys replace" className="text-ink" /> on a computer to put others in their place.
      </p>
    </>
  );
}

interface Props {
  device: AccountDeviceView;
  /** The button that opens it says only this, where several stand together. */
  label?: string;
}

/** Takes a device out of the account, after the consequences were read and the button held. */
export function Revoke({ device, label = 'Remove from the account' }: Props) {
  const phone = usePhone();
  const [state, setState] = useState<{ is: 'idle' | 'removing' } | { is: 'failed'; why: string }>({ is: 'idle' });
  const title = deviceTitle(device);
  const remove = () => {
    setState({ is: 'removing' });
    phone.account.revoke(device.id).then(
      () => setState({ is: 'idle' }),
      (error: unknown) => setState({ is: 'failed', why: actFailure(error) }),
    );
  };
  if (state.is === 'removing') {
    return (
      <p role="status" className="py-3 text-center text-muted">
        Removing {title}…
      </p>
    );
  }
  return (
    <div className="space-y-3">
      {state.is === 'failed' && (
        <Notice tone="danger" title={`${title} was not removed`}>
          <p role="alert">{state.why}</p>
        </Notice>
      )}
      <Sheet
        title={`Remove ${title}?`}
        trigger={
          <Button look="danger" wide>
            {label}
          </Button>
        }
        actions={
          <>
            <HoldButton look="danger" armed onHeld={remove} label={`Hold to remove ${title}`} />
            <SheetClose>
              <Button>Keep it</Button>
            </SheetClose>
          </>
        }
      >
        <Consequences kind={device.kind} />
      </Sheet>
    </div>
  );
}
