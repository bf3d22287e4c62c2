import { useEffect, useState } from 'react';
import type { HexId } from '../model/hex-id.ts';
import type { PermissionGrant, PhoneSnapshot } from '../model/model.ts';
import type { RequestView } from '../model/request-view.ts';
import { useModel, usePhone } from '../model/use-model.tsx';
import { answerKnown, armDelayMs, beatMs, moveOn, reconcile, type Decision, type Desk } from './desk.ts';
import { annoyingComputer, type Rejection } from './rejections.ts';
import { isWhole } from './words.ts';

export interface DeskControls {
  readonly desk: Desk;
  /** Do the buttons of what is shown act yet. */
  readonly armed: boolean;
  /** How many more wait behind the one in front. */
  readonly behind: number;
  /** The computer that was rejected so often just now that muting it is offered. */
  readonly annoying: RequestView['computer'] | null;
  readonly answer: (request: RequestView, decision: Decision, permission?: PermissionGrant) => void;
  /** Puts away a request that is over. */
  readonly putAway: () => void;
  /** This device's clock passed the end of the request in front. */
  readonly expire: (request: RequestView) => void;
}

/**
 * Names the button that a request has. A text that has just come whole, an alarm that is over and something unusual
 * that was not known before bring another one, which waits for its own moment.
 */
function buttonsOf(request: RequestView, account: PhoneSnapshot['account']): string {
  if (account?.alarm) return 'none';
  return `${isWhole(request) ? 'whole' : ''} ${request.unusual.length > 0 ? 'held' : ''}`;
}

/** One request at a time, with a beat between two, so that no press meant for one can answer another. */
export function useDesk(): DeskControls {
  const phone = usePhone();
  const { waiting, front, history, computers, account } = useModel();
  const [answered, setAnswered] = useState<ReadonlySet<HexId>>(new Set());
  const [rejections, setRejections] = useState<readonly Rejection[]>([]);
  const [desk, setDesk] = useState<Desk>({ is: 'clear' });
  const [armedFor, setArmedFor] = useState<string | null>(null);
  const facts = { waiting, front, history, answered };

  const reconciled = reconcile(desk, facts);
  if (reconciled !== desk) setDesk(reconciled);

  const shown = desk.is === 'clear' ? null : `${desk.is} ${desk.request.hash} ${buttonsOf(desk.request, account)}`;
  useEffect(() => {
    if (shown === null) return;
    const timer = setTimeout(() => setArmedFor(shown), armDelayMs);
    return () => clearTimeout(timer);
  }, [shown]);

  const onBeat = desk.is === 'answered' && desk.counts;
  useEffect(() => {
    if (!onBeat) return;
    const timer = setTimeout(() => setDesk(moveOn({ waiting, front, history, answered })), beatMs);
    return () => clearTimeout(timer);
  }, [onBeat, waiting, front, history, answered]);

  const muted = new Set(computers.filter(({ mutedUntil }) => mutedUntil !== null).map(({ id }) => id));
  return {
    desk,
    armed: shown !== null && armedFor === shown,
    behind: waiting.filter(({ hash }) => !answered.has(hash) && !(desk.is !== 'clear' && desk.request.hash === hash))
      .length,
    annoying: annoyingComputer(rejections.filter(({ computer }) => !muted.has(computer.id))),
    answer: (request, decision, permission) => {
      if (answered.has(request.hash)) return;
      setAnswered((before) => new Set(before).add(request.hash));
      setDesk({ is: 'answered', request, decision, permission: permission ?? null, counts: false });
      if (decision === 'reject') setRejections([...rejections, { computer: request.computer, at: Date.now() }]);
      const known = (counts: boolean): void => {
        if (!counts) setAnswered((before) => new Set([...before].filter((hash) => hash !== request.hash)));
        setDesk((now) => answerKnown(now, request, counts, { ...phone.getSnapshot(), answered }));
      };
      // What became of it shows in the snapshot's aftermath. What could not be decided is asked again.
      phone.decide(request.hash, decision, permission).then(known, () => known(false));
    },
    putAway: () => setDesk(moveOn(facts)),
    expire: (request) => {
      setAnswered((before) => new Set(before).add(request.hash));
      setDesk({ is: 'over', request, outcome: 'expired', by: null });
    },
  };
}
