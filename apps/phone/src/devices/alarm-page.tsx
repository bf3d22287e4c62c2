import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { AccountView } from '../model/account-view.ts';
import { useModel, usePhone } from '../model/use-model.tsx';
import { Button, buttonClass } from '../parts/button.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { Icon } from '../parts/icon.tsx';
import { Notice } from '../parts/notice.tsx';
import { Numbered } from '../parts/numbered.tsx';
import { Page, Section } from '../parts/page.tsx';
import { AccountRecord } from './account-record.tsx';
import { actFailure } from './act-words.ts';
import { alarmWords, isWait } from './alarm-words.ts';

const back = { to: '/devices', label: 'Devices' } as const;

/** At which change of the account it is; of another account it says nothing. */
function Where({ code, seqno }: NonNullable<AccountView['alarm']>) {
  if (isWait(code) || code === 'other-account') return null;
  const what =
    code === 'withheld' ? 'What the relay does not show is change' : 'What the relay gives differs at change';
  return (
    <p className="mt-2 text-small text-muted">
      {what} {seqno}.
    </p>
  );
}

/** Why this device decides nothing: what it means, what to do, what this device has seen. */
export function AlarmPage() {
  const { account } = useModel();
  const phone = usePhone();
  const [state, setState] = useState<{ is: 'idle' | 'asking' } | { is: 'failed'; why: string }>({ is: 'idle' });
  const alarm = account?.alarm ?? null;
  if (account === null || alarm === null) {
    return (
      <Page title="Account record" back={back}>
        <EmptyState title="It goes on from what this device has seen.">There is nothing to do.</EmptyState>
      </Page>
    );
  }
  const { title, text, todo } = alarmWords(alarm.code);
  const ask = () => {
    setState({ is: 'asking' });
    phone.account.check().then(
      () => setState({ is: 'idle' }),
      (error: unknown) => setState({ is: 'failed', why: actFailure(error) }),
    );
  };
  return (
    <Page title={title} back={back}>
      <p>{text}</p>
      <Notice tone={isWait(alarm.code) ? 'unusual' : 'danger'} title="Nothing is decided meanwhile">
        <p>This device answers no request and adds no device. Your keys stay as they are.</p>
      </Notice>
      <Section title="What to do">
        <Numbered steps={todo} />
      </Section>
      <Button look="primary" wide aria-disabled={state.is === 'asking'} onClick={ask}>
        {state.is === 'asking' ? 'Asking…' : 'Ask the relay again'}
      </Button>
      {(alarm.code === 'no-head' || alarm.code === 'rolled-back') && (
        <Link to="/devices/relay" className={buttonClass('secondary', true)}>
          The relay has another address
        </Link>
      )}
      {state.is === 'failed' && (
        <p role="alert" className="flex gap-2 text-danger">
          <Icon name="stop" className="mt-0.5" />
          {state.why}
        </p>
      )}
      <Section title="What this device has seen">
        <AccountRecord account={account} />
        <Where code={alarm.code} seqno={alarm.seqno} />
      </Section>
    </Page>
  );
}
