import { useEffect, useState } from 'react';
import type { HexId, LoginView } from '../model/model.ts';
import { useModel, usePhone } from '../model/use-model.tsx';
import { armDelayMs, beatMs, moveOn, reconcile, type Decision, type Desk } from './desk.ts';

export interface DeskControls {
  readonly desk: Desk;
  /** Do the buttons of what is shown act yet. */
  readonly armed: boolean;
  /** How many more wait behind the one in front. */
  readonly behind: number;
  readonly answer: (login: LoginView, decision: Decision) => void;
  /** Puts away a request that is over. */
  readonly putAway: () => void;
  /** This device's clock passed the end of the request in front. */
  readonly expire: (login: LoginView) => void;
}

/** One request at a time, with a beat between two, so that no press meant for one can answer another. */
export function useDesk(): DeskControls {
  const phone = usePhone();
  const { waiting, history } = useModel();
  const [answered, setAnswered] = useState<ReadonlySet<HexId>>(new Set());
  const [desk, setDesk] = useState<Desk>({ is: 'clear' });
  const [armedFor, setArmedFor] = useState<string | null>(null);
  const facts = { waiting, history, answered };

  const reconciled = reconcile(desk, facts);
  if (reconciled !== desk) setDesk(reconciled);

  const shown = desk.is === 'clear' ? null : `${desk.is} ${desk.login.hash}`;
  useEffect(() => {
    if (shown === null) return;
    const timer = setTimeout(() => setArmedFor(shown), armDelayMs);
    return () => clearTimeout(timer);
  }, [shown]);

  const onBeat = desk.is === 'answered';
  useEffect(() => {
    if (!onBeat) return;
    const timer = setTimeout(() => setDesk(moveOn({ waiting, history, answered })), beatMs);
    return () => clearTimeout(timer);
  }, [onBeat, waiting, history, answered]);

  return {
    desk,
    armed: shown !== null && armedFor === shown,
    behind: waiting.filter(({ hash }) => !answered.has(hash) && !(desk.is !== 'clear' && desk.login.hash === hash))
      .length,
    answer: (login, decision) => {
      if (answered.has(login.hash)) return;
      setAnswered(new Set(answered).add(login.hash));
      setDesk({ is: 'answered', login, decision });
      // What became of it shows in the snapshot's aftermath, failures too.
      void phone.decide(login.hash, decision);
    },
    putAway: () => setDesk(moveOn(facts)),
    expire: (login) => {
      setAnswered(new Set(answered).add(login.hash));
      setDesk({ is: 'over', login, outcome: 'expired' });
    },
  };
}
