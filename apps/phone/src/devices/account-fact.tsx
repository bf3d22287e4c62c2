import { Link } from '@tanstack/react-router';
import type { OutsideView } from '../model/account-view.ts';
import type { HexId } from '../model/hex-id.ts';
import { useModel } from '../model/use-model.tsx';
import { Fact } from '../parts/fact.tsx';

const reasons: Record<OutsideView['why'], string> = {
  waiting: 'Not yet: it is asked as soon as it is within reach',
  older: 'Not yet: it runs an older Palmkey. It is asked once that is updated',
  refused: 'No: it would not join. Only devices that it is paired with can answer it',
  'other-account': 'No: it is in another account. Only devices that it is paired with can answer it',
  'other-relay': 'No: it is at another relay. Only devices that it is paired with can answer it',
};

/** Whether a computer is in the account, so that all of its devices answer it, and if not, why. */
export function AccountFact({ computer }: { computer: HexId }) {
  const { account } = useModel();
  if (account === null) return null;
  const outside = account.outside.find(({ id }) => id === computer);
  return (
    <Fact label="Account">
      {outside === undefined ? (
        <Link to="/devices" className="font-medium text-accent underline">
          In yours: each of your devices can answer it
        </Link>
      ) : (
        reasons[outside.why]
      )}
    </Fact>
  );
}
