import { useEffect, useRef, type ReactNode } from 'react';
import type { LoginView } from '../model/model.ts';
import { TimeLine } from '../parts/countdown.tsx';
import { ChangedWarning } from './changed-warning.tsx';
import { SignedFields } from './signed-fields.tsx';
import { SlipFacts } from './slip-facts.tsx';
import { SlipHead } from './slip-head.tsx';
import { SlipTitle } from './slip-title.tsx';

interface Props {
  login: LoginView;
  behind: number;
  /** Ended: shown for the record, without time or answers. */
  over?: boolean;
  /** Stands between the title and the facts. */
  children?: ReactNode;
}

/** The slip of paper: who asks, what for, where to, always in the same places. Takes focus when it is new. */
export function Slip({ login, behind, over = false, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), [login.hash]);
  const { hostKey } = login;
  return (
    <article
      aria-label="Request"
      className={`animate-rise overflow-hidden rounded-2xl border border-line bg-paper shadow-slip ${over ? 'border-dashed' : ''}`}
    >
      {over ? <div className="h-1" /> : <TimeLine startedAt={login.receivedAt} endsAt={login.endsAt} />}
      <SlipHead login={login} behind={behind} over={over} />
      {children}
      <SlipTitle login={login} ref={heading} />
      {hostKey.is === 'changed' && !over && <ChangedWarning login={login} hostKey={hostKey} />}
      <SlipFacts login={login} />
      <SignedFields login={login} />
    </article>
  );
}
