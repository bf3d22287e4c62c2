import { useEffect } from 'react';
import type { NoticesView } from '../model/model.ts';
import { useModel, usePhone } from '../model/use-model.tsx';

/** Whether this browser can be woken, and may, as it is now. */
export function useStanding(): NoticesView['standing'] {
  const { standing } = useModel().notices;
  const phone = usePhone();
  useEffect(() => {
    // The person may come back from the browser's settings.
    const look = () => void phone.lookAtNotices();
    look();
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, [phone]);
  return standing;
}
