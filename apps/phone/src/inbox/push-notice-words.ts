import type { NoticesView } from '../model/model.ts';
import { wakesWords } from '../settings/notices-words.ts';

/** What home says of notifications: an offer, what is to be done elsewhere, or a question that the browser can ask anew. */
export interface PushNoticeWords {
  readonly is: 'offer' | 'mend' | 'ask-again';
  readonly title: string;
  readonly text: string;
}

/** Null where all is as the person chose; `declined`: they put the offer away. */
export function pushNotice(notices: NoticesView, declined: boolean): PushNoticeWords | null {
  if (notices.on) return broken(notices);
  if (!notices.offered || declined) return null;
  switch (notices.standing) {
    case 'unasked':
    case 'allowed':
      return {
        is: 'offer',
        title: 'Be woken when something asks',
        text: 'Your relay can wake this device while Palmkey is closed. Without that a request waits until you open it.',
      };
    case 'denied':
      return {
        is: 'mend',
        title: 'Notifications are blocked',
        text: 'So nothing wakes this device. Allow them for this site in the browser’s settings, then switch them on here.',
      };
    case 'unsupported':
    case 'install-first':
    case null:
      return null;
  }
}

function broken(notices: NoticesView): PushNoticeWords | null {
  switch (notices.standing) {
    case 'denied':
      return {
        is: 'mend',
        title: 'Notifications are blocked',
        text: 'You switched them on here, but the browser blocks them: nothing wakes this device. Allow them for this site in the browser’s settings.',
      };
    case 'unasked':
      return {
        is: 'ask-again',
        title: 'The browser shows no notifications',
        text: 'Its permission has ended, so nothing wakes this device. It has to ask you again.',
      };
    case 'unsupported':
    case 'install-first':
      return {
        is: 'mend',
        title: 'This browser cannot be woken',
        text: 'You switched notifications on here, but it has no Web Push now. Keep Palmkey open while you work.',
      };
    case 'allowed':
      return notices.wakes === 'fine'
        ? null
        : { is: 'mend', title: 'Nothing wakes this device', text: wakesWords(notices) };
    case null:
      return null;
  }
}
