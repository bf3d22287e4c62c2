import { Link } from '@tanstack/react-router';
import { pairingFailure } from '../pair/failure-words.ts';
import { useModel } from '../model/use-model.tsx';
import { buttonClass } from '../parts/button.tsx';
import { Notice } from '../parts/notice.tsx';

/** A pairing that was begun and left, or cut off by a reload. */
export function PairingNotice() {
  const { pairing } = useModel();
  if (pairing.is === 'none' || pairing.is === 'paired') return null;
  const title =
    pairing.is === 'failed' ? pairingFailure(pairing.code, pairing.hostName).title : `Pairing with ${pairing.hostName}`;
  return (
    <Notice
      tone={pairing.is === 'failed' ? 'unusual' : 'calm'}
      title={title}
      actions={
        <Link to="/computers/add" className={buttonClass('secondary')}>
          {pairing.is === 'failed' ? 'See what to do' : 'Go on'}
        </Link>
      }
    />
  );
}
