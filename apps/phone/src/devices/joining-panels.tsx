/** What both sides of joining show alike: a link that was followed, what takes a while, and a way that failed. */
import type { ReactNode } from 'react';
import type { JoiningView } from '../model/account-view.ts';
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
function Work(props: { title: string; text?: string; onCancel: (() => void) | null }) {
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

function Failed(props: {
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

const words = {
  x: {
    meeting: {
      title: 'Meeting the new device…',
      text: 'When the two have met, the new device asks for a name. Then both show a code.',
    },
    joining: 'Adding it to your account…',
  },
  y: {
    meeting: {
      title: 'Meeting your other device…',
      text: 'Keep Palmkey open on both devices. If they do not find each other, this page says so within a minute.',
    },
    joining: 'Joining your account…',
  },
} as const;

/**
 * A step of the way at which nothing is asked of the person, or at which it failed; `again`: what the button of that
 * says.
 */
export function JoiningStep(props: {
  side: Side;
  view: Extract<JoiningView, { is: 'preparing' | 'meeting' | 'joining' | 'failed' }>;
  again: string;
  onCancel: () => void;
  onAgain: () => void;
}) {
  const { side, view, again, onCancel, onAgain } = props;
  switch (view.is) {
    case 'preparing':
      return <Work title="Making a code…" onCancel={onCancel} />;
    case 'meeting':
      return <Work {...words[side].meeting} onCancel={onCancel} />;
    case 'joining':
      return <Work title={words[side].joining} onCancel={null} />;
    case 'failed':
      return <Failed side={side} failed={view} button={again} onAgain={onAgain} />;
  }
}
