import { useEffect, useState } from 'react';
import { usePhone } from '../model/use-model.tsx';
import { keepJoinLink } from '../devices/followed-link.ts';
import { takeLink } from './take-link.ts';

/** A link that this page was opened with, not yet given to the model. */
let pending: string | null = null;

/** The last link given to the model: a re-mounted page must not open it a second time. */
let opened: string | null = null;

/** Looks into the address bar once, before anything is drawn. */
export function takeLinkAtStart(): void {
  pending = takeLink(window, '/pair');
  takeJoinLink();
}

/** Unlike a pairing link it is kept until the person says what becomes of it. */
function takeJoinLink(): void {
  const taken = takeLink(window, '/join');
  if (taken !== null) keepJoinLink(taken);
}

/**
 * Opens the link that the page came with, or one that is followed later, as soon as `ready`.
 * Returns whether there was one, so that first run can say that it continues by itself: who sets a phone up from a link
 * wants what the link is for. A phone that is set up asks first.
 */
export function usePendingLink(ready: boolean, settingUp: boolean, onOpened: () => void): boolean {
  const phone = usePhone();
  const [link, setLink] = useState(pending);
  useEffect(() => {
    const onHash = () => {
      const taken = takeLink(window, '/pair');
      if (taken !== null) setLink(taken);
      takeJoinLink();
    };
    window.addEventListener('hashchange', onHash);
    return () => window.removeEventListener('hashchange', onHash);
  }, []);
  useEffect(() => {
    if (!ready || link === null || link === opened) return;
    opened = link;
    pending = null;
    phone.openLink(link, { followed: !settingUp });
    onOpened();
  }, [ready, settingUp, link, phone, onOpened]);
  return link !== null;
}
