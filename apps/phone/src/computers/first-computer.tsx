import { Link } from '@tanstack/react-router';
import { buttonClass } from '../parts/button.tsx';
import { Notice } from '../parts/notice.tsx';
import { GetInLink } from './get-in-link.tsx';
import { RelayAsks, useAskingRelay } from './relay-asks.tsx';

/** For who has no computer yet: the way in at a relay that asks, and then the invitation for one. Nothing elsewhere. */
export function FirstComputer() {
  const asks = useAskingRelay();
  if (asks === null) return null;
  const { relay, knows } = asks;
  if (!knows) return <RelayAsks relay={relay} getIn={<GetInLink relay={relay} />} />;
  return (
    <Notice
      tone="calm"
      title="You are in at this relay"
      actions={
        <Link to="/computers/invite" className={buttonClass('secondary')}>
          Invite a computer
        </Link>
      }
    >
      <p>A computer that it does not know yet needs an invitation. Then pair it here.</p>
    </Notice>
  );
}
