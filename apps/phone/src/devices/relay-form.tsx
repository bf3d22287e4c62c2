import { lazy, Suspense, useEffect, useEffectEvent, useState } from 'react';
import { dropSignIn, type ReturnedSignIn, returnedSignIn } from '../app/returned-sign-in.ts';
import { signInFailure } from '../computers/admission-words.ts';
import type { NewRelay } from '../model/account-view.ts';
import { usePhone } from '../model/use-model.tsx';
import { Button } from '../parts/button.tsx';
import { codeOf } from '../parts/code-of.ts';
import { Icon } from '../parts/icon.tsx';
import { Literal } from '../parts/literal.tsx';
import { Notice } from '../parts/notice.tsx';
import { Section } from '../parts/page.tsx';
import { TextField } from '../parts/text-field.tsx';
import { movingFailure } from './moving-words.ts';
import { RelayPlan } from './relay-plan.tsx';
import { relayIn } from './relay-text.ts';
import { type Outside, RelayWayIn } from './relay-way-in.tsx';

// Most addresses are typed, and the QR reader is larger than the rest of this page.
const Scanner = lazy(() => import('../pair/scanner.tsx').then((module) => ({ default: module.Scanner })));

type Step =
  | { readonly is: 'typing'; readonly problem: string | null }
  | { readonly is: 'scanning' | 'looking' }
  | ({ readonly is: 'outside' } & Outside)
  | { readonly is: 'found'; readonly relay: NewRelay };

const typing: Step = { is: 'typing', problem: null };

/** Whether the relay, or this app, wants another invitation, or a sign-in. */
const isOutside = (code: string | null): boolean =>
  code === 'not-admitted' || code === 'removed' || code === 'length' || code === 'letter';

const sought = {
  isMeant: (text: string) => relayIn(text) !== null,
  hint: 'Point it at the code of the new relay, of a computer or a device that is at it.',
  otherwise: 'That code has no relay’s address in it.',
};

interface Props {
  /** The relay that the person went to sign in at; null for none. */
  awaited: string | null;
}

/** A new address: typed or scanned, looked at, and only then moved to. */
export function RelayForm({ awaited }: Props) {
  const phone = usePhone();
  const [address, setAddress] = useState('');
  // Back from a sign-in: the move goes on by itself.
  const [returned] = useState(() => (awaited === null ? null : returnedSignIn()));
  const [step, setStep] = useState<Step>(returned === null ? typing : { is: 'looking' });
  const ask = (relay: string, invitation: string | null, back: ReturnedSignIn | null = null) => {
    phone.moving.look(relay, invitation).then(
      (found) => setStep({ is: 'found', relay: found }),
      async (error: unknown) => {
        const why = codeOf(error);
        if (!isOutside(why)) {
          setStep({ is: 'typing', problem: movingFailure(error, relay) });
          return;
        }
        const ways = (await phone.admissionOf(relay)) ?? [];
        const failure = back?.is === 'sign-in-failed' ? signInFailure(back.code) : null;
        setStep({ is: 'outside', relay, ways, tried: invitation === null ? null : why, returned: failure });
      },
    );
  };
  const look = (text: string, code: string | null) => {
    const { relay, invitation } = relayIn(text) ?? { relay: text.trim(), invitation: null };
    setStep({ is: 'looking' });
    ask(relay, code ?? invitation);
  };
  const goOn = useEffectEvent(() => {
    if (returned === null || awaited === null) return;
    dropSignIn();
    ask(awaited, null, returned);
  });
  useEffect(() => goOn(), []);
  const other = () => setStep(typing);
  switch (step.is) {
    case 'found':
      return (
        <Section title="Move to another relay">
          <RelayPlan relay={step.relay} onOther={other} />
        </Section>
      );
    case 'outside':
      return (
        <Section title="Move to another relay">
          <RelayWayIn outside={step} onInvitation={(code) => look(step.relay, code)} onOther={other} />
        </Section>
      );
    case 'scanning':
      return (
        <Section title="Move to another relay">
          <Suspense fallback={<p className="text-muted">Starting the camera…</p>}>
            <Scanner
              sought={sought}
              onText={(text) => {
                setAddress(relayIn(text)?.relay ?? '');
                look(text, null);
              }}
              onLeave={other}
            />
          </Suspense>
        </Section>
      );
    case 'typing':
    case 'looking':
      return (
        <Section title="Move to another relay">
          {awaited !== null && step.is === 'typing' && <Awaited relay={awaited} onGoOn={() => look(awaited, null)} />}
          <form
            className="space-y-4"
            onSubmit={(event) => {
              event.preventDefault();
              if (address.trim() !== '' && step.is === 'typing') look(address, null);
            }}
          >
            <TextField
              label="Address of the relay"
              inputMode="url"
              autoCapitalize="none"
              placeholder="https://…"
              hint="Another relay, or the new address of the present one."
              problem={step.is === 'typing' ? step.problem : null}
              value={address}
              onChange={(event) => {
                setAddress(event.target.value);
                setStep(typing);
              }}
            />
            <Button type="submit" wide disabled={address.trim() === '' || step.is === 'looking'}>
              {step.is === 'looking' ? 'Looking…' : 'Look at it'}
            </Button>
            <Button icon="camera" look="quiet" wide onClick={() => setStep({ is: 'scanning' })}>
              Scan a code instead
            </Button>
            <p className="flex gap-2 text-small text-muted">
              <Icon name="info" size={16} className="mt-0.5 shrink-0" />
              Nothing is moved before you have seen what is there.
            </p>
          </form>
        </Section>
      );
  }
}

/** Back without a word of what came of the sign-in. */
function Awaited({ relay, onGoOn }: { relay: string; onGoOn: () => void }) {
  const phone = usePhone();
  return (
    <div className="mb-6">
      <Notice
        tone="calm"
        title="You went to sign in there"
        actions={
          <>
            <Button onClick={onGoOn}>Go on</Button>
            <Button look="quiet" onClick={() => void phone.moving.cancel()}>
              Never mind
            </Button>
          </>
        }
      >
        <Literal text={relay} className="text-small" />
      </Notice>
    </div>
  );
}
