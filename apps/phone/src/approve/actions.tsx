import type { LoginView } from '../model/model.ts';
import { GuardedButton } from '../parts/guarded-button.tsx';
import { HoldButton } from '../parts/hold-button.tsx';
import type { Decision } from './desk.ts';
import { unusualLine } from './words.ts';

interface Props {
  login: LoginView;
  armed: boolean;
  onAnswer: (decision: Decision) => void;
}

function Approve({ login, armed, onAnswer }: Props) {
  if (login.hostKey.is === 'changed') return null;
  const approve = () => onAnswer('approve');
  if (login.unusual.length > 0) {
    return (
      <HoldButton
        look="amber"
        armed={armed}
        onHeld={approve}
        label="Hold to approve once"
        reason={unusualLine(login.unusual)}
      />
    );
  }
  return (
    <GuardedButton look="primary" armed={armed} onPress={approve} className="min-h-14">
      Approve once
    </GuardedButton>
  );
}

/** The answers at thumb's reach. They stay where they are while the slip above them grows or shrinks. */
export function Actions(props: Props) {
  return (
    <div className="space-y-2">
      <Approve {...props} />
      <GuardedButton
        look="secondary"
        armed={props.armed}
        onPress={() => props.onAnswer('reject')}
        className="bg-ground"
      >
        Reject
      </GuardedButton>
    </div>
  );
}
