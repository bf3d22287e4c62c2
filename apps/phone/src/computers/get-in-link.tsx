import { Link } from '@tanstack/react-router';
import { buttonClass } from '../parts/button.tsx';

/** To the page on which this device gets in at a relay. */
export function GetInLink({ relay }: { relay: string }) {
  return (
    <Link to="/computers/admission" search={{ relay }} className={buttonClass('secondary')}>
      Get in
    </Link>
  );
}
