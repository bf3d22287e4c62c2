/** What both sides of joining show alike: a link that was followed, what takes a while, and a way that failed. */
import type { ReactNode } from 'react';
import { PanelText } from '../pair/panel-text.tsx';
import { Button } from '../parts/button.tsx';
import { joiningFailure } from './failure-words.ts';
import { dropJoinLink } from './followed-link.ts';
import { NoNetwork } from './no-network.tsx';
import { secretFault, secretProblem, type Side } from './secret-text.ts';

/** A link was opened here: whose it is, the person has to know before anything is done by it. */
export function FollowedLink(props: {
  side: Side;
  link: string;
  /** What is said of a link that is of no use here, and the way on from it. */
  useless: { title: string; button: string };
  title: string;
  button: string;
  onGoOn: () => void;
  children: ReactNode;
}) {
  const { side, link, useless, title, button, onGoOn, children } = props;
  const fault = secretFault(link, side);
  if (fault !== null) {
    return (
      <PanelText title={useless.title} tone="unusual">
        <p>{secretProblem(fault, side)}</p>
        <Button look="primary" wide onClick={dropJoinLink}>
          {useless.button}
        </Button>
      </PanelText>
    );
  }
  return (
    <PanelText title={title} tone="unusual">
      <p>{children}</p>
      <Button
        look="primary"
        wide
        onClick={() => {
          dropJoinLink();
          onGoOn();
        }}
      >
        {button}
      </Button>
      <Button wide onClick={dropJoinLink}>
        Cancel
      </Button>
    </PanelText>
  );
}

/** Something takes a while: what to expect of it, where that is said; it can be cancelled unless `onCancel` is null. */
export function JoiningWork(props: { title: string; text?: string; onCancel: (() => void) | null }) {
  const { title, text, onCancel } = props;
  return (
    <PanelText title={title} busy>
      <NoNetwork />
      {text !== undefined && <p className="text-muted">{text}</p>}
      {onCancel !== null && (
        <Button wide onClick={onCancel}>
          Cancel
        </Button>
      )}
    </PanelText>
  );
}

export function JoiningFailed(props: {
  side: Side;
  failed: Parameters<typeof joiningFailure>[0];
  button: string;
  onAgain: () => void;
}) {
  const { side, failed, button, onAgain } = props;
  const { title, text } = joiningFailure(failed, side);
  return (
    <PanelText title={title} tone="danger">
      <p>{text}</p>
      <Button look="primary" wide onClick={onAgain}>
        {button}
      </Button>
    </PanelText>
  );
}
