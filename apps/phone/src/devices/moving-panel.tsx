import { useState } from 'react';
import type { MovingView } from '../model/account-view.ts';
import { useModel, usePhone } from '../model/use-model.tsx';
import { Button } from '../parts/button.tsx';
import { HoldButton } from '../parts/hold-button.tsx';
import { Icon } from '../parts/icon.tsx';
import { Literal } from '../parts/literal.tsx';
import { Notice } from '../parts/notice.tsx';
import { Section } from '../parts/page.tsx';
import { movingFailure, movingProblem, stayingFailure } from './moving-words.ts';

type Moving = Extract<MovingView, { is: 'moving' }>;
type Following = Extract<MovingView, { is: 'following' }>;
type Moved = Extract<MovingView, { is: 'moved' }>;

const steps: readonly (readonly [Moving['step'], string])[] = [
  ['posting', 'Your account’s record is put there'],
  ['copying', 'What your devices keep for each other is copied'],
  ['telling', 'The other devices are told'],
];

function Problem({ code, relay }: { code: string | null; relay: string }) {
  if (code === null) return null;
  return (
    <p role="status" className="flex gap-2 text-amber">
      <Icon name="alert" className="mt-0.5 shrink-0" />
      {movingProblem(code, relay)}
    </p>
  );
}

function Progress({ moving }: { moving: Moving }) {
  const phone = usePhone();
  const at = steps.findIndex(([step]) => step === moving.step);
  return (
    <Section title="Your account is moving">
      <div className="space-y-4">
        <p>
          <Literal text={moving.to} />
        </p>
        <ol className="divide-y divide-line border-y border-line" aria-live="polite">
          {steps.map(([step, words], index) => (
            <li key={step} className="flex gap-3 py-3" aria-current={index === at ? 'step' : undefined}>
              <Icon
                name={index < at ? 'check' : 'forward'}
                className={`mt-0.5 ${index <= at ? 'text-accent' : 'text-muted'}`}
              />
              <span className={index > at ? 'text-muted' : index === at ? 'font-medium' : ''}>
                {words}
                {index < at && <span className="sr-only"> (done)</span>}
              </span>
            </li>
          ))}
        </ol>
        <Problem code={moving.problem} relay={moving.to} />
        <p className="text-small text-muted">
          It goes on when Palmkey is opened again, where it was.{' '}
          {moving.step === 'telling' ? 'There is no way back any more.' : 'Nobody was told yet.'}
        </p>
        {moving.step !== 'telling' && (
          <Button wide onClick={() => void phone.moving.cancel()}>
            Stay at the present relay
          </Button>
        )}
      </div>
    </Section>
  );
}

/** Another device's move, and the way out where it leads nowhere. */
function FollowingMove({ moving }: { moving: Following }) {
  const phone = usePhone();
  const { account } = useModel();
  const [state, setState] = useState<{ is: 'idle' | 'busy' } | { is: 'failed'; why: string }>({ is: 'idle' });
  const stay = () => {
    setState({ is: 'busy' });
    phone.moving.stay().then(
      () => setState({ is: 'idle' }),
      (error: unknown) => setState({ is: 'failed', why: stayingFailure(error, account?.relay ?? '') }),
    );
  };
  return (
    <Section title="Your account has moved">
      <div className="space-y-4">
        <p>
          <Literal text={moving.to} />
        </p>
        <p>
          {moving.by ?? 'Another device'} moved it. This device looks whether the same account is there, and goes there
          then. Until then nothing about the account can be changed here.
        </p>
        <Problem code={moving.problem} relay={moving.to} />
        {moving.problem !== null && (
          <>
            <p>
              If that relay is gone for good, the account can stay where it is. A device that has gone there already
              comes back by hand, on this page of its own.
            </p>
            {state.is === 'failed' && (
              <Notice tone="unusual" title="It is still to be moved">
                <p role="alert">{state.why}</p>
              </Notice>
            )}
            <HoldButton
              key={state.is}
              look="danger"
              armed={state.is !== 'busy'}
              label={state.is === 'busy' ? 'Telling the other devices…' : 'Hold to stay at the present relay'}
              reason="Only if the other one is gone"
              onHeld={stay}
            />
          </>
        )}
      </div>
    </Section>
  );
}

function Left({ moved }: { moved: Moved }) {
  const phone = usePhone();
  const [state, setState] = useState<{ is: 'idle' | 'busy' } | { is: 'failed'; why: string }>({ is: 'idle' });
  const end = (tell: boolean) => {
    setState({ is: 'busy' });
    phone.moving.endFormer(tell).then(
      () => setState({ is: 'idle' }),
      (error: unknown) => setState({ is: 'failed', why: movingFailure(error, moved.from) }),
    );
  };
  return (
    <Section title="The former relay">
      <div className="space-y-4">
        <p>
          <Literal text={moved.from} className="text-small" />
        </p>
        {moved.left.length === 0 ? (
          <p>Every device was seen at the new relay.</p>
        ) : (
          <>
            <p>It keeps your account until these were seen at the new one, so that they can hear where it is:</p>
            <ul className="divide-y divide-line border-y border-line">
              {moved.left.map(({ id, name }) => (
                <li key={id} className="py-3 font-medium">
                  {name ?? id.slice(0, 8)}
                </li>
              ))}
            </ul>
          </>
        )}
        {state.is === 'failed' && (
          <Notice tone="unusual" title="The former relay was not told">
            <p role="alert">{state.why}</p>
          </Notice>
        )}
        {moved.left.length === 0 ? (
          <Button wide disabled={state.is === 'busy'} onClick={() => end(true)}>
            Have it forget the account
          </Button>
        ) : (
          <HoldButton
            key={state.is}
            look="danger"
            armed={state.is !== 'busy'}
            label="Hold to have it forget the account"
            reason="Who is not there yet hears nothing more"
            onHeld={() => end(true)}
          />
        )}
        <Button look="quiet" wide disabled={state.is === 'busy'} onClick={() => end(false)}>
          It is gone: tell it nothing
        </Button>
        {moved.left.length > 0 && (
          <p className="text-small text-muted">
            Who is not there by then needs the new address by hand: on a computer palmkey account move, on another
            device this page.
          </p>
        )}
      </div>
    </Section>
  );
}

/** The account's way to another relay, whoever goes it; nothing where there is none. */
export function MovingPanel({ moving }: { moving: MovingView }) {
  const phone = usePhone();
  switch (moving.is) {
    // The form goes on with it.
    case 'none':
    case 'signing-in':
      return null;
    case 'moving':
      return <Progress moving={moving} />;
    case 'following':
      return <FollowingMove moving={moving} />;
    case 'failed':
      return (
        <Notice
          tone="danger"
          title="Your account was not moved"
          actions={<Button onClick={() => phone.moving.dismiss()}>Fine</Button>}
        >
          <p role="alert">{movingProblem(moving.code, moving.to)}</p>
        </Notice>
      );
    case 'moved':
      return <Left moved={moving} />;
  }
}
