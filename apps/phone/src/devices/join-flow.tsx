import { useEffect } from 'react';
import { useModel, usePhone } from '../model/use-model.tsx';
import { PanelText } from '../pair/panel-text.tsx';
import { Button } from '../parts/button.tsx';
import { BigCode } from './big-code.tsx';
import { joiningFailure } from './failure-words.ts';
import { dropJoinLink, useJoinLink } from './followed-link.ts';
import { InTheAccount } from './in-the-account.tsx';
import { NameForm } from './name-form.tsx';
import { SecretCard } from './secret-card.tsx';
import { SecretEntry } from './secret-entry.tsx';
import { secretFault, secretProblem } from './secret-text.ts';

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
  const fault = secretFault(link, 'y');
  if (fault !== null) {
    return (
      <PanelText title="This link leads into no account" tone="unusual">
        <p>{secretProblem(fault, 'y')}</p>
        <Button look="primary" wide onClick={dropJoinLink}>
          Join in another way
        </Button>
      </PanelText>
    );
  }
  return (
    <PanelText title="Join the account of this link?" tone="unusual">
      <p>
        Go on only if a device of yours shows the link now. In somebody else’s account, this device would answer their
        computers.
      </p>
      <Button
        look="primary"
        wide
        className="min-h-14"
        onClick={() => {
          dropJoinLink();
          phone.joining.join(link);
        }}
      >
        Join it
      </Button>
      <Button wide onClick={dropJoinLink}>
        Cancel
      </Button>
    </PanelText>
  );
}

function Working({ title, cancel }: { title: string; cancel: boolean }) {
  const phone = usePhone();
  return (
    <PanelText title={title} busy>
      {cancel && (
        <Button wide onClick={() => phone.joining.cancelJoin()}>
          Cancel
        </Button>
      )}
    </PanelText>
  );
}

/** A device without anything joins an account: the secret, its name, the code, done. */
export function JoinFlow({ onBack, onDone }: Props) {
  const { joining } = useModel();
  const phone = usePhone();
  const followed = useJoinLink();
  const begun = joining.is !== 'none';
  useEffect(() => {
    // Asked for within the way: what joins is to be kept.
    if (begun) void phone.requestPersistence();
  }, [phone, begun]);
  switch (joining.is) {
    case 'none':
      return followed === null ? <Begin onBack={onBack} /> : <Followed link={followed} />;
    case 'preparing':
      return <Working title="Making a code…" cancel />;
    case 'showing':
      return (
        <PanelText title="Show this to your other device">
          <p className="text-muted">
            There, open “Add a device”, then “Other ways”, and choose “Scan or type what the new device shows”.
          </p>
          <SecretCard link={joining.link} words={joining.words} endsAt={joining.endsAt} />
          <Button wide onClick={() => phone.joining.cancelJoin()}>
            Cancel
          </Button>
        </PanelText>
      );
    case 'meeting':
      return <Working title="Meeting your other device…" cancel />;
    case 'naming':
      return (
        <PanelText title="Name this device">
          <NameForm
            problem={joining.problem}
            busy={false}
            button="Continue"
            onName={(name) => phone.joining.nameDevice(name)}
          />
          <Button wide onClick={() => phone.joining.cancelJoin()}>
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
          <p className="text-muted">If it does, say yes there. If it shows another one, say no.</p>
          <Button wide onClick={() => phone.joining.cancelJoin()}>
            Cancel
          </Button>
        </PanelText>
      );
    case 'joining':
      return <Working title="Joining your account…" cancel={false} />;
    case 'done':
      return (
        <InTheAccount
          onDone={() => {
            phone.joining.dismissJoin();
            onDone();
          }}
        />
      );
    case 'failed': {
      const { title, text } = joiningFailure(joining, 'y');
      return (
        <PanelText title={title} tone="danger">
          <p>{text}</p>
          <Button look="primary" wide onClick={() => phone.joining.dismissJoin()}>
            {joining.code === 'not-posted' ? 'Ask now' : 'Begin again'}
          </Button>
        </PanelText>
      );
    }
  }
}
