import { RECOVERY_WORDS } from '@palmkey/core/account';
import { useEffect, useState } from 'react';
import type { RecoveredAccount } from '../model/account-view.ts';
import { usePhone } from '../model/use-model.tsx';
import { PanelText } from '../pair/panel-text.tsx';
import { Button } from '../parts/button.tsx';
import { Icon } from '../parts/icon.tsx';
import { TextField } from '../parts/text-field.tsx';
import { RecoveredPanel, RejoinedPanel } from './recovered-panel.tsx';
import { rejoinFailure } from './rejoin-words.ts';
import { WordListField } from './word-list-field.tsx';

interface Props {
  onBack: () => void;
  onDone: () => void;
}

type Step =
  | { readonly is: 'words'; readonly problem: string | null }
  | { readonly is: 'looking' }
  | { readonly is: 'found'; readonly account: RecoveredAccount }
  | { readonly is: 'joined'; readonly account: RecoveredAccount };

function OtherRelay({ relay, onRelay }: { relay: string; onRelay: (relay: string) => void }) {
  const [open, setOpen] = useState(relay !== '');
  if (open) {
    return (
      <TextField
        label="Relay"
        inputMode="url"
        placeholder="https://…"
        value={relay}
        hint="Empty: the one that this page came from."
        onChange={(event) => onRelay(event.target.value)}
      />
    );
  }
  return (
    <button
      type="button"
      onClick={() => setOpen(true)}
      className="flex min-h-12 w-full items-center gap-2 text-left font-medium text-accent"
    >
      <Icon name="forward" size={16} />
      My account is at another relay
    </button>
  );
}

/** Back into the account by the recovery words alone: the words, the account as it is, a name, and who is not wanted any more. */
export function RejoinFlow({ onBack, onDone }: Props) {
  const phone = usePhone();
  const [text, setText] = useState('');
  const [relay, setRelay] = useState('');
  const [step, setStep] = useState<Step>({ is: 'words', problem: null });
  useEffect(() => () => phone.joining.cancelRejoin(), [phone]);
  const look = () => {
    setStep({ is: 'looking' });
    phone.joining.rejoin(text, relay.trim() === '' ? null : relay.trim()).then(
      (account) => setStep({ is: 'found', account }),
      (error: unknown) => setStep({ is: 'words', problem: rejoinFailure(error) }),
    );
  };
  const count = text.split(/\s+/).filter(Boolean).length;
  switch (step.is) {
    case 'words':
      return (
        <PanelText title="Your recovery words">
          <p className="text-muted">
            The twelve words on your paper, in their order. They are used here once, and not kept on this device.
          </p>
          <form
            className="space-y-4"
            onSubmit={(event) => {
              event.preventDefault();
              if (count === RECOVERY_WORDS) look();
            }}
          >
            <WordListField
              label="Words"
              hint="Capitals do not matter. The first four letters of a word tell it."
              rows={4}
              wanted={RECOVERY_WORDS}
              value={text}
              problem={step.problem}
              onChange={(changed) => {
                setText(changed);
                setStep({ is: 'words', problem: null });
              }}
            />
            <OtherRelay relay={relay} onRelay={setRelay} />
            <Button type="submit" look="primary" wide className="min-h-14" disabled={count !== RECOVERY_WORDS}>
              Find my account
            </Button>
          </form>
          <Button look="quiet" wide onClick={onBack}>
            Back
          </Button>
        </PanelText>
      );
    case 'looking':
      return <PanelText title="Looking for your account…" busy />;
    case 'found':
      return (
        <RecoveredPanel
          account={step.account}
          onJoined={() => {
            setText('');
            setStep({ is: 'joined', account: step.account });
          }}
          onBack={() => {
            phone.joining.cancelRejoin();
            setText('');
            setStep({ is: 'words', problem: null });
          }}
        />
      );
    case 'joined':
      return <RejoinedPanel before={step.account} onDone={onDone} />;
  }
}
