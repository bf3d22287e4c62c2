import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { LettingInView } from '../model/account-view.ts';
import { useModel, usePhone } from '../model/use-model.tsx';
import { PanelText } from '../pair/panel-text.tsx';
import { Button, buttonClass } from '../parts/button.tsx';
import { Notice } from '../parts/notice.tsx';
import { Page } from '../parts/page.tsx';
import { joiningFailure } from './failure-words.ts';
import { dropJoinLink, useJoinLink } from './followed-link.ts';
import { NewcomerQuestion } from './newcomer.tsx';
import { SecretEntry } from './secret-entry.tsx';
import { secretFault, secretProblem } from './secret-text.ts';
import { ShownSecret } from './shown-secret.tsx';

const back = { to: '/devices', label: 'Devices' } as const;

/** A link of a new device was opened here. */
function Followed({ link }: { link: string }) {
  const phone = usePhone();
  const fault = secretFault(link, 'x');
  if (fault !== null) {
    return (
      <PanelText title="This link adds no device" tone="unusual">
        <p>{secretProblem(fault, 'x')}</p>
        <Button look="primary" wide onClick={dropJoinLink}>
          Add a device
        </Button>
      </PanelText>
    );
  }
  return (
    <PanelText title="Let a new device in?" tone="unusual">
      <p>
        A link asks to add a device to your account. Go on only if that device is in your hands and shows the link now.
        You see its name and a code before anything is added.
      </p>
      <Button
        look="primary"
        wide
        onClick={() => {
          dropJoinLink();
          phone.joining.enterSecret(link);
        }}
      >
        Go on
      </Button>
      <Button wide onClick={dropJoinLink}>
        Cancel
      </Button>
    </PanelText>
  );
}

function Done({ name }: { name: string }) {
  const phone = usePhone();
  const navigate = useNavigate();
  return (
    <PanelText title={`${name} is in your account`}>
      <p>Your computers ask it too from now on, and it can answer them.</p>
      <Notice tone="calm" title="Its SSH key is its own">
        <p>No key was copied. On the new device open Keys, and put its public key on your servers.</p>
      </Notice>
      <Button
        look="primary"
        wide
        onClick={() => {
          phone.joining.dismissLetIn();
          void navigate({ to: '/devices' });
        }}
      >
        Done
      </Button>
    </PanelText>
  );
}

function Failed({ failed }: { failed: Extract<LettingInView, { is: 'failed' }> }) {
  const phone = usePhone();
  const { title, text } = joiningFailure(failed, 'x');
  return (
    <PanelText title={title} tone="danger">
      <p>{text}</p>
      <Button look="primary" wide onClick={() => phone.joining.letDeviceIn('kex3')}>
        Begin again
      </Button>
    </PanelText>
  );
}

function Working({ title, cancel }: { title: string; cancel: boolean }) {
  const phone = usePhone();
  return (
    <PanelText title={title} busy>
      {cancel && (
        <Button wide onClick={() => phone.joining.cancelLetIn()}>
          Cancel
        </Button>
      )}
    </PanelText>
  );
}

/** From a secret to a member; shows the QR code at once. */
function LettingIn() {
  const { lettingIn } = useModel();
  const phone = usePhone();
  const [entering, setEntering] = useState(false);
  useEffect(() => {
    if (phone.getSnapshot().lettingIn.is === 'none') phone.joining.letDeviceIn('kex3');
  }, [phone]);
  switch (lettingIn.is) {
    case 'none':
      return (
        <PanelText title="Stopped">
          <p>Nothing was added.</p>
          <Button look="primary" wide onClick={() => phone.joining.letDeviceIn('kex3')}>
            Begin again
          </Button>
        </PanelText>
      );
    case 'preparing':
      return <Working title="Making a code…" cancel />;
    case 'showing':
      return entering ? (
        <PanelText title="What the new device shows">
          <SecretEntry
            reader="x"
            onSecret={(text) => {
              setEntering(false);
              phone.joining.enterSecret(text);
            }}
          />
          <Button look="quiet" wide onClick={() => setEntering(false)}>
            Show a code here instead
          </Button>
        </PanelText>
      ) : (
        <ShownSecret shown={lettingIn} onEnter={() => setEntering(true)} />
      );
    case 'meeting':
      return <Working title="Meeting the new device…" cancel />;
    case 'asking':
      return <NewcomerQuestion newcomer={lettingIn} />;
    case 'joining':
      return <Working title="Adding it to your account…" cancel={false} />;
    case 'done':
      return <Done name={lettingIn.name} />;
    case 'failed':
      return <Failed failed={lettingIn} />;
  }
}

/** Lets a new device into the account, where that can be done now. */
export function AddDevicePage() {
  const { account } = useModel();
  const followed = useJoinLink();
  return (
    <Page title="Add a device" back={back}>
      {account === null ? (
        <p className="text-muted">This device has no account yet. Reload the page and try again.</p>
      ) : account.alarm !== null ? (
        <Notice
          tone="unusual"
          title="No device can be added now"
          actions={
            <Link to="/devices/alarm" className={buttonClass('secondary')}>
              What to do
            </Link>
          }
        >
          <p>The account’s record is not within reach, or does not hold.</p>
        </Notice>
      ) : followed !== null ? (
        <Followed link={followed} />
      ) : (
        <LettingIn />
      )}
    </Page>
  );
}
