import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useModel, usePhone } from '../model/use-model.tsx';
import { PanelText } from '../pair/panel-text.tsx';
import { Button, buttonClass } from '../parts/button.tsx';
import { Notice } from '../parts/notice.tsx';
import { Page } from '../parts/page.tsx';
import { useJoinLink } from './followed-link.ts';
import { FollowedLink, JoiningStep } from './joining-panels.tsx';
import { NewcomerQuestion } from './newcomer.tsx';
import { SecretEntry } from './secret-entry.tsx';
import { ShownSecret } from './shown-secret.tsx';

const back = { to: '/devices', label: 'Devices' } as const;

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

/** A link of a new device was opened here. */
function Followed({ link }: { link: string }) {
  const phone = usePhone();
  return (
    <FollowedLink
      side="x"
      link={link}
      useless={{ title: 'This link adds no device', button: 'Add a device' }}
      title="Let a new device in?"
      button="Go on"
      onGoOn={() => phone.joining.enterSecret(link)}
    >
      A link asks to add a device to your account. Go on only if that device is in your hands and shows the link now.
      You see its name and a code before anything is added.
    </FollowedLink>
  );
}

/** From a secret to a member; shows the QR code at once. */
function LettingIn() {
  const { lettingIn } = useModel();
  const phone = usePhone();
  const [entering, setEntering] = useState(false);
  const begin = (): void => phone.joining.letDeviceIn('kex3');
  const cancel = (): void => phone.joining.cancelLetIn();
  useEffect(() => {
    if (phone.getSnapshot().lettingIn.is === 'none') phone.joining.letDeviceIn('kex3');
  }, [phone]);
  switch (lettingIn.is) {
    case 'none':
      return (
        <PanelText title="Stopped">
          <p>Nothing was added.</p>
          <Button look="primary" wide onClick={begin}>
            Begin again
          </Button>
        </PanelText>
      );
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
    case 'asking':
      return <NewcomerQuestion newcomer={lettingIn} />;
    case 'done':
      return <Done name={lettingIn.name} />;
    case 'preparing':
    case 'meeting':
    case 'joining':
    case 'failed':
      return <JoiningStep side="x" view={lettingIn} again="Begin again" onCancel={cancel} onAgain={begin} />;
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
