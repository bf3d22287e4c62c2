import { useState } from 'react';
import type { NewRelay } from '../model/account-view.ts';
import { useModel, usePhone } from '../model/use-model.tsx';
import { Button } from '../parts/button.tsx';
import { codeOf } from '../parts/code-of.ts';
import { HoldButton } from '../parts/hold-button.tsx';
import { Icon } from '../parts/icon.tsx';
import { Literal } from '../parts/literal.tsx';
import { Notice } from '../parts/notice.tsx';
import { Section } from '../parts/page.tsx';
import { TextField } from '../parts/text-field.tsx';
import { movingFailure } from './moving-words.ts';

type Step =
  | { readonly is: 'typing'; readonly code: string | null; readonly problem: string | null }
  | { readonly is: 'looking' }
  | { readonly is: 'found'; readonly relay: NewRelay; readonly failed: string | null };

/** Whether an invitation is what it takes. */
const wantsInvitation = (code: string | null): boolean =>
  code === 'not-admitted' || code === 'removed' || code === 'length' || code === 'letter';

function Plan({ relay }: { relay: NewRelay }) {
  const { account } = useModel();
  const others = account?.devices.filter(({ revoked, self, kind }) => revoked === null && !self && kind !== 'paper');
  const computers = others?.filter(({ kind }) => kind === 'computer').length ?? 0;
  const phones = (others?.length ?? 0) - computers;
  const steps = [
    relay.hasAccount
      ? 'The relay has your account already: it is compared with what this device has seen.'
      : 'Your account’s record is put there. The relay can read no name and no key.',
    relay.reachesPresent
      ? `Then ${counted(computers, 'computer')} and ${counted(phones, 'other device')} are told, over the present relay.`
      : 'The present relay does not answer, so nobody can be told: on each other device and computer you enter the address yourself.',
    'Each of them goes there only if it finds the same record. Until it does, it stays where it is.',
  ];
  return (
    <ol className="divide-y divide-line border-y border-line">
      {steps.map((step, index) => (
        <li key={step} className="flex gap-3 py-3">
          <span aria-hidden="true" className="w-5 shrink-0 font-semibold text-muted">
            {index + 1}
          </span>
          <span>{step}</span>
        </li>
      ))}
    </ol>
  );
}

function counted(count: number, what: string): string {
  return `${count === 0 ? 'no' : count} ${what}${count === 1 ? '' : 's'}`;
}

/** A new address: typed, looked at, and only then moved to. */
export function RelayForm() {
  const phone = usePhone();
  const [address, setAddress] = useState('');
  const [invitation, setInvitation] = useState('');
  const [step, setStep] = useState<Step>({ is: 'typing', code: null, problem: null });
  const look = () => {
    setStep({ is: 'looking' });
    phone.moving.look(address, invitation.trim() === '' ? null : invitation).then(
      (relay) => setStep({ is: 'found', relay, failed: null }),
      (error: unknown) => setStep({ is: 'typing', code: codeOf(error), problem: movingFailure(error, address.trim()) }),
    );
  };
  if (step.is === 'found') {
    const { relay, failed } = step;
    const move = () => {
      phone.moving.begin().catch((error: unknown) => {
        setStep({ is: 'found', relay, failed: movingFailure(error, relay.relay) });
      });
    };
    return (
      <Section title="Move to another relay">
        <div className="space-y-4">
          <p>
            <Literal text={relay.relay} />
          </p>
          <Plan relay={relay} />
          <p className="text-small text-muted">
            The app itself stays where you opened it, since its keys cannot leave that address. It goes on without its
            server, and gets no updates from it then.
          </p>
          {failed !== null && (
            <Notice tone="danger" title="Nothing was moved">
              <p role="alert">{failed}</p>
            </Notice>
          )}
          <HoldButton
            look="amber"
            armed
            label="Hold to move"
            reason="All devices of your account go there"
            onHeld={move}
          />
          <Button look="quiet" wide onClick={() => setStep({ is: 'typing', code: null, problem: null })}>
            Another address
          </Button>
        </div>
      </Section>
    );
  }
  const { code, problem } = step.is === 'typing' ? step : { code: null, problem: null };
  const asks = wantsInvitation(code) || invitation !== '';
  return (
    <Section title="Move to another relay">
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (address.trim() !== '' && step.is === 'typing') look();
        }}
      >
        <TextField
          label="Address of the relay"
          inputMode="url"
          autoCapitalize="none"
          placeholder="https://…"
          hint="Another relay, or the new address of the present one."
          problem={asks ? null : problem}
          value={address}
          onChange={(event) => {
            setAddress(event.target.value);
            setStep({ is: 'typing', code: null, problem: null });
          }}
        />
        {asks && (
          <TextField
            label="Invitation"
            autoCapitalize="characters"
            hint="20 characters, as K7Q2M-9XW4D-0HT5B-N3VCR. Hyphens and capitals do not matter."
            problem={problem}
            value={invitation}
            onChange={(event) => {
              setInvitation(event.target.value);
              setStep({ is: 'typing', code, problem: null });
            }}
          />
        )}
        <Button type="submit" wide disabled={address.trim() === '' || step.is === 'looking'}>
          {step.is === 'looking' ? 'Looking…' : 'Look at it'}
        </Button>
        <p className="flex gap-2 text-small text-muted">
          <Icon name="info" size={16} className="mt-0.5 shrink-0" />
          Nothing is moved before you have seen what is there.
        </p>
      </form>
    </Section>
  );
}
