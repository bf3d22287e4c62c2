import { useEffect, useId, useState } from 'react';
import { ApproveButton } from '../approve/actions.tsx';
import { armDelayMs } from '../approve/desk.ts';
import { PERMISSION_MINUTES, type PermissionGrant, type PermissionOffer } from '../model/model.ts';
import type { RequestView } from '../model/request-view.ts';
import { Button } from '../parts/button.tsx';
import { Choice } from '../parts/choice.tsx';
import { SheetClose } from '../parts/sheet.tsx';
import { Switch } from '../parts/switch.tsx';
import { minutesWords, scopeNames, scopeWords } from './permission-words.ts';

/** The sheet has to lie still for a moment before its button acts. */
function useLanded(): boolean {
  const [landed, setLanded] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLanded(true), armDelayMs);
    return () => clearTimeout(timer);
  }, []);
  return landed;
}

export interface GrantProps {
  readonly request: RequestView;
  /** Do the buttons of the request act yet. */
  readonly armed: boolean;
  readonly onGrant: (grant: PermissionGrant) => void;
}

/** What may be allowed with this approval, for how long, and in words what that means. */
export function GrantForm({ request, armed, onGrant }: GrantProps) {
  const landed = useLanded();
  const name = useId();
  const [offer, setOffer] = useState<PermissionOffer | undefined>(request.offers[0]);
  const [minutes, setMinutes] = useState<number>(60);
  const [forwarded, setForwarded] = useState(false);
  if (offer === undefined) return null;
  const { allows, asks } = scopeWords(offer.scope, request);
  const switched = !offer.forwarded || forwarded;
  return (
    <div className="space-y-4">
      {request.offers.length > 1 && (
        <fieldset>
          <legend className="mb-2 text-small font-semibold">What</legend>
          <div className="flex flex-wrap gap-2">
            {request.offers.map((candidate) => (
              <Choice
                key={candidate.scope}
                name={`${name}-scope`}
                checked={candidate.scope === offer.scope}
                label={scopeNames[candidate.scope]}
                onChoose={() => setOffer(candidate)}
              />
            ))}
          </div>
        </fieldset>
      )}
      <fieldset>
        <legend className="mb-2 text-small font-semibold">For how long</legend>
        <div className="flex gap-2">
          {PERMISSION_MINUTES.map((length) => (
            <Choice
              key={length}
              name={`${name}-length`}
              checked={length === minutes}
              label={minutesWords(length)}
              onChoose={() => setMinutes(length)}
            />
          ))}
        </div>
      </fieldset>
      <div aria-live="polite" className="min-h-30 space-y-2 border-t border-line pt-4 text-ink">
        <p>{allows}</p>
        <p className="text-muted">
          <span className="font-semibold">Still asked: </span>
          {asks}
        </p>
      </div>
      {offer.forwarded && (
        <Switch
          label="Also through other servers"
          hint="This login began on another server than your computer. Whoever controls that one can log in too, for as long as you allow it."
          checked={forwarded}
          onChange={setForwarded}
        />
      )}
      <div className="sticky bottom-0 -mb-2 flex flex-col gap-2 bg-paper py-2">
        <ApproveButton
          request={request}
          armed={armed && landed && switched}
          label={`and allow for ${minutesWords(minutes)}`}
          onApprove={() => onGrant({ scope: offer.scope, minutes })}
        />
        <SheetClose>
          <Button>Back</Button>
        </SheetClose>
      </div>
    </div>
  );
}
