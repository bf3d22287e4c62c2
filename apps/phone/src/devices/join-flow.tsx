import { useEffect } from 'react';
import { useModel, usePhone } from '../model/use-model.tsx';
import { PanelText } from '../pair/panel-text.tsx';
import { Button } from '../parts/button.tsx';
import { BigCode } from './big-code.tsx';
import { useJoinLink } from './followed-link.ts';
import { InTheAccount } from './in-the-account.tsx';
import { FollowedLink, JoiningStep } from './joining-panels.tsx';
import { NameForm } from './name-form.tsx';
import { NoNetwork } from './no-network.tsx';
import { SecretCard } from './secret-card.tsx';
import { SecretEntry } from './secret-entry.tsx';

interface Props {
  /** Back to what the first run begins with. */
  onBack: () => void;
  onDone: () => void;
}

function Begin({ onBack }: Pick<Props, 'onBack'>) {
  const phone = usePhone();
  return (
    <PanelText title="Join your account">
      <p className="text-muted">
        On the device that you have, open Settings, then Devices, then “Add a device”. It shows a QR code and a short
        code.
      </p>
      <SecretEntry reader="y" onSecret={(text) => phone.joining.join(text)} />
      <Button look="quiet" wide onClick={() => phone.joining.showSecret()}>
        Show a code here instead
      </Button>
      <Button look="quiet" wide onClick={onBack}>
        Back
      </Button>
    </PanelText>
  );
}

/** A link of a device of some account was opened here: whose it is, the person has to know. */
function Followed({ link }: { link: string }) {
  const phone = usePhone();
  return (
    <FollowedLink
      side="y"
      link={link}
      useless={{ title: 'This link leads into no account', button: 'Join in another way' }}
      title="Join the account of this link?"
      button="Join it"
      onGoOn={() => phone.joining.join(link)}
    >
      Go on only if a device of yours shows the link now. In somebody else’s account, this device would answer their
      computers.
    </FollowedLink>
  );
}

/** A device without anything joins an account: the secret, its name, the code, done. */
export function JoinFlow({ onBack, onDone }: Props) {
  const { joining } = useModel();
  const phone = usePhone();
  const followed = useJoinLink();
  const begun = joining.is !== 'none';
  const cancel = (): void => phone.joining.cancelJoin();
  useEffect(() => {
    // Asked for within the way: what joins is to be kept.
    if (begun) void phone.requestPersistence();
  }, [phone, begun]);
  switch (joining.is) {
    case 'none':
      return followed === null ? <Begin onBack={onBack} /> : <Followed link={followed} />;
    case 'showing':
      return (
        <PanelText title="Show this to your other device">
          <p className="text-muted">
            There, open “Add a device”, then “Other ways”, and choose “Scan or type what the new device shows”.
          </p>
          <NoNetwork />
          <SecretCard link={joining.link} words={joining.words} endsAt={joining.endsAt} />
          <Button wide onClick={cancel}>
            Cancel
          </Button>
        </PanelText>
      );
    case 'naming':
      return (
        <PanelText title="Name this device">
          <NameForm
            problem={joining.problem}
            busy={joining.told}
            button={joining.told ? 'Waiting for your other device…' : 'Continue'}
            onName={(name) => phone.joining.nameDevice(name)}
          />
          <NoNetwork />
          {joining.told && (
            <p className="text-muted" role="status">
              Keep Palmkey open on it: both show a code in a moment.
            </p>
          )}
          <Button wide onClick={cancel}>
            Cancel
          </Button>
        </PanelText>
      );
    case 'code':
      return (
        <PanelText title="Does your other device show this code?">
          <div className="rounded-2xl border border-line bg-paper px-4 py-8 shadow-slip">
            <BigCode code={joining.code} />
          </div>
          <NoNetwork />
          <p className="text-muted">If it does, say yes there. If it shows another one, say no.</p>
          <Button wide onClick={cancel}>
            Cancel
          </Button>
        </PanelText>
      );
    case 'done':
      return (
        <InTheAccount
          onDone={() => {
            phone.joining.dismissJoin();
            onDone();
          }}
        />
      );
    case 'preparing':
    case 'meeting':
    case 'joining':
    case 'failed':
      return (
        <JoiningStep
          side="y"
          view={joining}
          again={joining.is === 'failed' && joining.code === 'not-posted' ? 'Ask now' : 'Begin again'}
          onCancel={cancel}
          onAgain={() => phone.joining.dismissJoin()}
        />
      );
  }
}
