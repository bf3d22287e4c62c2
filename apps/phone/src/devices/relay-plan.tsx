import { useState } from 'react';
import type { NewRelay } from '../model/account-view.ts';
import { useModel, usePhone } from '../model/use-model.tsx';
import { Button } from '../parts/button.tsx';
import { HoldButton } from '../parts/hold-button.tsx';
import { Literal } from '../parts/literal.tsx';
import { Notice } from '../parts/notice.tsx';
import { Numbered } from '../parts/numbered.tsx';
import { movingFailure } from './moving-words.ts';

function Steps({ relay }: { relay: NewRelay }) {
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
  return <Numbered steps={steps} />;
}

function counted(count: number, what: string): string {
  return `${count === 0 ? 'no' : count} ${what}${count === 1 ? '' : 's'}`;
}

interface Props {
  relay: NewRelay;
  onOther: () => void;
}

/** What a move to a relay would do, and the button that begins it. */
export function RelayPlan({ relay, onOther }: Props) {
  const phone = usePhone();
  const [failed, setFailed] = useState<string | null>(null);
  const move = () => {
    phone.moving.begin().catch((error: unknown) => setFailed(movingFailure(error, relay.relay)));
  };
  return (
    <div className="space-y-4">
      <p>
        <Literal text={relay.relay} />
      </p>
      <Steps relay={relay} />
      <p className="text-small text-muted">
        The app itself stays where you opened it, since its keys cannot leave that address. It goes on without its
        server, and gets no updates from it then.
      </p>
      {failed !== null && (
        <Notice tone="danger" title="Nothing was moved">
          <p role="alert">{failed}</p>
        </Notice>
      )}
      <HoldButton look="amber" armed label="Hold to move" reason="All devices of your account go there" onHeld={move} />
      <Button look="quiet" wide onClick={onOther}>
        Another address
      </Button>
    </div>
  );
}
