import { useState } from 'react';
import type { RecoveredAccount } from '../model/account-view.ts';
import { useModel, usePhone } from '../model/use-model.tsx';
import { PanelText } from '../pair/panel-text.tsx';
import { Button } from '../parts/button.tsx';
import { codeOf } from '../parts/code-of.ts';
import { formatDate, formatTime } from '../parts/format.ts';
import { Notice } from '../parts/notice.tsx';
import { Section } from '../parts/page.tsx';
import { Rows } from '../parts/row.tsx';
import { useNow } from '../parts/use-now.ts';
import { DeviceLine } from './device-line.tsx';
import { deviceTitle } from './device-words.ts';
import { InTheAccount } from './in-the-account.tsx';
import { NameForm } from './name-form.tsx';
import { rejoinFailure } from './rejoin-words.ts';
import { Revoke } from './revoke.tsx';

interface Props {
  account: RecoveredAccount;
  onJoined: () => void;
  onBack: () => void;
}

function Devices({ account }: { account: RecoveredAccount }) {
  const now = useNow();
  return (
    <Rows>
      {account.devices.map((device) => (
        <li key={device.id} className="flex min-h-16 items-center py-3">
          <DeviceLine device={device} now={now} />
        </li>
      ))}
    </Rows>
  );
}

/** The account that the words open, before anything is added: is it all there, and is it theirs. */
export function RecoveredPanel({ account, onJoined, onBack }: Props) {
  const phone = usePhone();
  const now = useNow();
  const [state, setState] = useState<{ is: 'naming' | 'joining' } | { is: 'failed'; code: string | null }>({
    is: 'naming',
  });
  const join = (name: string) => {
    setState({ is: 'joining' });
    void phone.requestPersistence();
    phone.joining
      .confirmRejoin(name)
      .then(onJoined, (error: unknown) => setState({ is: 'failed', code: codeOf(error) }));
  };
  const code = state.is === 'failed' ? state.code : null;
  const nameProblem = code === 'bad-account-name' || code === 'name-taken' ? code : null;
  return (
    <PanelText title="Is this your account, as you left it?">
      <p>
        Last changed on{' '}
        <span className="font-semibold whitespace-nowrap">
          {formatDate(account.lastChangeAt, now)}, {formatTime(account.lastChangeAt)}
        </span>
        . If you know of a later change, the relay hides it from you: go no further, and ask whoever runs it.
      </p>
      <Section title="Its devices">
        <Devices account={account} />
      </Section>
      <NameForm
        problem={nameProblem}
        busy={state.is === 'joining'}
        button={state.is === 'joining' ? 'Adding this device…' : 'Add this device'}
        onName={join}
      />
      {state.is === 'failed' && nameProblem === null && (
        <Notice tone="danger" title="This device was not added">
          <p role="alert">{rejoinFailure(state)}</p>
        </Notice>
      )}
      {state.is !== 'joining' && (
        <Button look="quiet" wide onClick={onBack}>
          Use other words
        </Button>
      )}
    </PanelText>
  );
}

/** Back in: now the lost device can go. */
export function RejoinedPanel({ before, onDone }: { before: RecoveredAccount; onDone: () => void }) {
  const { account } = useModel();
  const deciding = before.devices.filter(({ kind }) => kind !== 'computer' && kind !== 'paper');
  const stillThere = (id: string) =>
    account?.devices.some((device) => device.id === id && device.revoked === null) ?? true;
  return (
    <InTheAccount onDone={onDone}>
      {deciding.length > 0 && (
        <Section title="Remove what you have lost">
          <ul className="space-y-3">
            {deciding.map((device) => (
              <li key={device.id}>
                {stillThere(device.id) ? (
                  <Revoke device={device} label={`Remove ${deviceTitle(device)}`} />
                ) : (
                  <p role="status" className="py-3 text-center text-muted">
                    {deviceTitle(device)} is removed
                  </p>
                )}
              </li>
            ))}
          </ul>
        </Section>
      )}
    </InTheAccount>
  );
}
